"""Runs in a process of its own: prepares Airflow's metadata database, parses the DAGs and tests them, prints JSON."""

from __future__ import annotations

import json
import sys


def main() -> None:
    from airflow.utils.db import initdb

    initdb()
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.configuration import conf

    folder = conf.get("core", "dags_folder")
    bag = DagBag(folder)
    report: dict[str, object] = {
        "errors": bag.import_errors,
        "dags": {
            key: {
                "tasks": sorted(t.task_id for t in dag.tasks),
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "doc": bool(dag.doc_md),
                "tags": sorted(dag.tags),
                "pools": {t.task_id: t.pool for t in dag.tasks},
            }
            for key, dag in bag.dags.items()
        },
    }
    states = {}
    for word in sys.argv[1:]:  # DAG, or DAG?PARAMETERS as JSON
        key, _, given = word.partition("?")
        run = bag.dags[key].test(run_conf=json.loads(given) if given else None)
        states[word] = {
            "state": str(run.state),
            "tasks": {f"{t.task_id}[{t.map_index}]": str(t.state) for t in run.get_task_instances()},
        }
    report["runs"] = states
    sys.stdout.write("\n" + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
