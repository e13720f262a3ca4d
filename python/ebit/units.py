"""Decibels, transmissions and light times; units are in the names everywhere else."""

from __future__ import annotations

__all__ = ["FIBER_SPEED_M_PER_S", "db_from_transmission", "light_time_s", "transmission_from_db"]

import math

from ebit._arguments import real, shown
from ebit.errors import RangeError, complain

#: Light in silica fibre, m/s (c / 1.5).
FIBER_SPEED_M_PER_S = 2e8


def transmission_from_db(loss_db: float) -> float:
    """Return the transmission 10^(-dB/10) of a loss.

    Parameters
    ----------
    loss_db : float
        Loss in dB.

    Examples
    --------
    >>> round(transmission_from_db(20.0), 12)
    0.01
    """
    if real("units.transmission_from_db", "loss_db", loss_db, "finite and >= 0") < 0.0:
        raise complain(RangeError, "units.transmission_from_db", "loss_db", "finite and >= 0", shown(loss_db))
    return math.pow(10.0, -loss_db / 10.0)


def db_from_transmission(transmission: float) -> float:
    """Return the loss in dB of a transmission.

    Parameters
    ----------
    transmission : float
        In (0, 1].

    Examples
    --------
    >>> round(db_from_transmission(0.01), 12)
    20.0
    """
    words = "a transmission in (0, 1]"
    if not 0.0 < real("units.db_from_transmission", "transmission", transmission, words) <= 1.0:
        raise complain(RangeError, "units.db_from_transmission", "transmission", words, shown(transmission))
    return -10.0 * math.log10(transmission)


def light_time_s(length_km: float, speed_m_per_s: float = FIBER_SPEED_M_PER_S) -> float:
    """Return the one-way light time in seconds of a fibre.

    Parameters
    ----------
    length_km : float
        Fibre length in km.
    speed_m_per_s : float
        Speed of light in the fibre.

    Examples
    --------
    >>> light_time_s(20.0)
    0.0001
    """
    place = "units.light_time_s"
    if real(place, "length_km", length_km, "finite and >= 0") < 0.0:
        raise complain(RangeError, place, "length_km", "finite and >= 0", shown(length_km))
    if real(place, "speed_m_per_s", speed_m_per_s, "finite and > 0") <= 0.0:
        raise complain(RangeError, place, "speed_m_per_s", "finite and > 0", shown(speed_m_per_s))
    return length_km * 1e3 / speed_m_per_s
