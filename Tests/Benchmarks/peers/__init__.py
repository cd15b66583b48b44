"""The supervisors that are compared, by name."""

from .dinit import Dinit
from .runit import Runit
from .s6 import S6
from .simpervisor import Simpervisor
from .supd import PlainSupd, Supd
from .supervisord import Supervisord

ALL = {peer.name: peer for peer in (Supd, PlainSupd, Dinit, S6, Runit, Supervisord, Simpervisor)}
