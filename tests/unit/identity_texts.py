"""Invented articles on invented places, used by the tests of identity. Four events, two of them look-alikes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.records import Article
from tests.eval._identity import make_article

START = datetime(2026, 1, 12, 9, tzinfo=UTC)

WIRE = (
    "El gobierno de Costa Blanca excarceló este lunes a 43 presos políticos, entre ellos la abogada Inés Larralde, "
    "según confirmó la organización Puerta Abierta. Los liberados salieron del penal de La Hondonada poco después de "
    "las seis de la mañana y fueron recibidos por sus familiares, que esperaban desde la víspera. El ministro de "
    "Interior, Julio Barreda, dijo que la medida busca la reconciliación nacional y que habrá nuevas liberaciones "
    "esta semana. Puerta Abierta calcula que aún quedan 612 personas detenidas por motivos políticos en todo el país. "
    "La abogada Larralde llevaba veintidós meses en prisión, acusada de conspirar contra el Estado, cargo que siempre "
    "negó. Organismos internacionales pidieron que las excarcelaciones sean plenas y sin medidas cautelares."
)
CUT = WIRE.split(" El ministro de ", maxsplit=1)[0]
EDITED = WIRE.replace("este lunes", "hoy lunes").replace("poco después de las seis", "pasadas las seis").replace(
    "habrá nuevas liberaciones", "seguirán las liberaciones"
)  # fmt: skip
ENGLISH = (
    "Costa Blanca freed 43 political prisoners on Monday, including the lawyer Inés Larralde, the rights group Puerta "
    "Abierta confirmed. The freed walked out of La Hondonada prison shortly after dawn and embraced relatives who had "
    "waited overnight. Interior minister Julio Barreda called it a step towards reconciliation. Puerta Abierta says "
    "612 people are still held for political reasons."
)
QUAKE_NORTH = (
    "Un terremoto de magnitud 6,1 sacudió el martes la ciudad de Villarrosa, en el norte, y dejó 14 muertos y "
    "decenas de heridos. El epicentro se situó a 20 kilómetros del puerto. Los rescatistas buscan supervivientes "
    "entre los escombros del mercado central de Villarrosa."
)
QUAKE_NORTH_EN = (
    "A magnitude 6.1 earthquake struck the northern city of Villarrosa on Tuesday, killing 14 people and injuring "
    "dozens. The epicentre was 20 kilometres from the port. Rescuers are searching the rubble of Villarrosa's "
    "central market for survivors."
)
QUAKE_SOUTH = (
    "Un sismo de magnitud 5,4 se sintió el miércoles en Puerto Quemado, en el sur del país, sin causar víctimas. "
    "Las autoridades de Puerto Quemado suspendieron las clases y revisan los puentes. El servicio sismológico "
    "descartó la alerta de tsunami."
)
RATES = (
    "El Banco Central de Costa Blanca subió los tipos de interés al 12,5 % para frenar la inflación, que cerró el año "
    "en el 31 %. El gobernador Anselmo Pita anunció que habrá nuevas subidas si el dólar no se estabiliza."
)
PORT_EN = (
    "Dock workers in Puerto Quemado voted on Thursday to end a strike that had closed the country's largest "
    "port for 17 days. The agreement gives 4,200 workers a raise of 9 percent this year and another 6 percent "
    'in 2027, the union said. "We did not get everything, but nobody goes home empty-handed," union leader '
    "Marta Olmedo told reporters outside the customs house. The port authority estimates that the stoppage cost "
    "exporters $310 million, most of it in fruit that rotted in containers. Ships that had been waiting at "
    "anchor since the beginning of the month will be unloaded first. Transport minister Pablo Reyes thanked "
    "both sides and announced that a commission will review safety rules before June. Two workers died in a "
    "crane accident last November, and the union had made better equipment one of its demands. Shipping "
    "companies expect operations to return to normal within ten days."
)
PORT_ES = (
    "Los estibadores de Puerto Quemado votaron este jueves poner fin a una huelga que había cerrado durante 17 "
    "días el mayor puerto del país. El acuerdo concede a 4.200 trabajadores un aumento del 9 por ciento este "
    "año y otro 6 por ciento en 2027, informó el sindicato. «No conseguimos todo, pero nadie se va a casa con "
    "las manos vacías», dijo a la prensa la líder sindical Marta Olmedo frente a la aduana. La autoridad "
    "portuaria calcula que el paro costó a los exportadores 310 millones de dólares, la mayor parte en fruta "
    "que se pudrió en los contenedores. Los barcos que esperaban fondeados desde comienzos de mes serán "
    "descargados primero. El ministro de Transporte, Pablo Reyes, agradeció a ambas partes y anunció que una "
    "comisión revisará las normas de seguridad antes de junio. Dos trabajadores murieron en un accidente con "
    "una grúa en noviembre pasado, y el sindicato había hecho de un mejor equipo una de sus exigencias. Las "
    "navieras esperan que las operaciones vuelvan a la normalidad en diez días."
)
PORT_OTHER_EN = (
    "Fruit growers breathed a sigh of relief after the long walkout at Puerto Quemado came to a close. Banana "
    "exporter Hugo Salas says he threw away 40 containers while cranes stood still. The deal, reached late on "
    "Wednesday after talks brokered by the transport ministry, raises pay by 9 percent. Union members approved "
    "it by 2,310 votes to 890 in a show of hands. Analysts at Banco Sur warn that clearing the backlog of 60 "
    "vessels will take weeks. The strike began on 5 January when management refused to discuss worn-out "
    "equipment. Olmedo, who leads the union, said members would watch closely whether the promised safety "
    "review takes place."
)


def corpus() -> list[Article]:
    """Return fourteen articles: copies of a wire, its English report, two earthquakes, a rate rise, and traps."""

    def at(hours: float) -> datetime:
        return START + timedelta(hours=hours)

    return [
        make_article("wire-1", "es", "Excarcelan a 43 presos políticos en Costa Blanca", WIRE, at=at(1)),
        make_article("wire-2", "es", "Liberan a 43 presos políticos, entre ellos Inés Larralde", WIRE, at=at(2)),
        make_article("wire-3", "es", "Costa Blanca libera a 43 presos políticos", EDITED, at=at(3)),
        make_article("wire-4", "es", "Última hora", CUT, at=at(1.5)),
        make_article("freed-en", "en", "Costa Blanca frees 43 political prisoners", ENGLISH, at=at(4)),
        make_article("quake-n", "es", "Terremoto de 6,1 en Villarrosa deja 14 muertos", QUAKE_NORTH, at=at(26)),
        make_article("quake-n-en", "en", "Earthquake kills 14 in Villarrosa", QUAKE_NORTH_EN, at=at(27)),
        make_article("quake-s", "es", "Sismo de 5,4 en Puerto Quemado, sin víctimas", QUAKE_SOUTH, at=at(50)),
        make_article("rates", "es", "El Banco Central sube los tipos al 12,5 %", RATES, at=at(5)),
        make_article("generic-1", "es", "Última hora", "", at=at(6)),
        make_article("generic-2", "es", "Última hora", "", at=at(7)),
        make_article("empty-1", "es", "", "", at=at(8)),
        make_article("empty-2", "en", "", "", at=at(9)),
        make_article(
            "column", "es", "Presos políticos y terremotos: un país que tiembla",
            "Entre la excarcelación de presos políticos en Costa Blanca y el terremoto de Villarrosa, el país vive "
            "semanas de sobresalto. Nadie sabe qué vendrá después, y conviene pensar despacio.",
            at=at(30), genre="opinion",
        ),
    ]  # fmt: skip
