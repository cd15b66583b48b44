"""The supervisors that are compared, by name."""

from .runit import Runit
from .s6 import S6
from .simpervisor import Simpervisor
from .supd import Supd
from .supervisord import Supervisord

ALL = {peer.name: peer for peer in (Supd, S6, Runit, Supervisord, Simpervisor)}
