-- One row per outlet of the catalogue, with what else is said of it wherever outlets are set side by side.
CREATE OR REPLACE VIEW v_outlets AS
SELECT
    *,
    CASE WHEN alignment IS NULL THEN NULL WHEN evidence IS NULL THEN 'unverified' ELSE 'evidenced' END AS alignment_status,
    CASE
        WHEN country = 'VE' AND (ownership = 'state' OR alignment = 'government') THEN 've_government'
        WHEN country = 'VE' AND alignment IN ('independent', 'opposition') THEN 've_independent'
        WHEN country = 'VE' THEN 've_mixed'
        WHEN country = 'ES' THEN 'es'
        WHEN country = 'US' THEN 'us'
        ELSE 'other'
    END AS outlet_group
FROM sources;

COMMENT ON VIEW v_outlets IS 'One row per outlet: what the catalogue declares, and the group it is set side by side in.';
COMMENT ON COLUMN v_outlets.alignment_status IS 'unverified (alignment is only a claim), evidenced (sources.evidence says why). NULL: no alignment recorded.';
COMMENT ON COLUMN v_outlets.outlet_group IS 've_government (Venezuelan, owned by the state or declared government-aligned), ve_independent (declared independent of it or opposed to it), ve_mixed (mixed, or nothing declared), es, us or other.';
