"""What photons cross between a node and a station: fibre, free space, a satellite's downlink.

A channel is data; its loss, length and light time are computed in Rust. Wherever a link model takes ``fiber=`` it takes
any of these. Everything here is re-exported by ``ebit.hardware``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._arguments import real, shown
from ebit._spec import Spec, default
from ebit.errors import WrongTypeError, complain

__all__ = [
    "Arms",
    "ClassicalLight",
    "Fiber",
    "FreeSpace",
    "FrequencyConverter",
    "OpticalChannel",
    "SatelliteDownlink",
    "raman_per_km_nm",
]


class OpticalChannel(Spec):
    """Any way for a photon from a node to a station, or from one node to the other through one.

    Examples
    --------
    >>> Fiber(length_km=50.0).transmittance
    0.1
    """

    def nested(self) -> dict[str, Any]:
        """Return the channel as documents hold it: a fibre plainly, all others under their name."""
        return {type(self).__name__: self.to_dict()}

    @functools.cached_property
    def _numbers(self) -> tuple[float, float, float, float]:
        return _core.crossing(json.dumps(self.nested()))

    @property
    def loss_db(self) -> float:
        """Loss from end to end in dB, all of it."""
        return self._numbers[0]

    @property
    def light_time_s(self) -> float:
        """One-way light time from end to end in seconds."""
        return self._numbers[2]

    @property
    def transmittance(self) -> float:
        """Probability that a photon comes through: 10^(-loss_db/10)."""
        return self._numbers[3]


@dataclass(frozen=True)
class Fiber(OpticalChannel):
    """The whole fibre from one node to the other, station included.

    Parameters
    ----------
    length_km : float
        Fibre length in km, >= 0.
    loss_db_per_km : float
        Attenuation in dB/km, >= 0.
    insertion_loss_db : float
        Loss of switches, filters and splices in dB, >= 0.
    speed_m_per_s : float
        Speed of light in the fibre.
    connectors : int
        Mated pairs of connectors along the fibre.
    connector_loss_db : float
        Loss of one mated pair in dB; by default the limit of IEC 61755-1, grade B.

    Examples
    --------
    >>> Fiber(length_km=20.0).loss_db
    4.0
    >>> Fiber(length_km=20.0, connectors=4).loss_db
    5.0
    """

    length_km: float
    loss_db_per_km: float = default("Fiber", "loss_db_per_km")
    insertion_loss_db: float = default("Fiber", "insertion_loss_db")
    speed_m_per_s: float = default("Fiber", "speed_m_per_s")
    connectors: int = default("Fiber", "connectors")
    connector_loss_db: float = default("Fiber", "connector_loss_db")

    def nested(self) -> dict[str, Any]:
        """Return the fields, without the name: a fibre is the usual channel."""
        return self.to_dict()

    @classmethod
    def at_wavelength(cls, length_km: float, wavelength_nm: float, **fields: Any) -> Fiber:
        """Return a standard fibre (ITU-T G.652.D) with its attenuation at a wavelength.

        alpha = 0.9/lambda^4 + 7.81e11 exp(-48.48/lambda) + 0.0237 dB/km, lambda in micrometres: Rayleigh scattering
        (Agrawal, Fiber-Optic Communication Systems, section 2.5), silica's infrared edge (Keiser, Optical Fiber
        Communications, section 3.1), and a rest that makes it 0.2 at 1550 nm. Good fibre's data sheets are within 15 %.

        Parameters
        ----------
        length_km : float
            Fibre length in km.
        wavelength_nm : float
            In [1260, 1675], the O to U bands.
        **fields
            Further fields of ``Fiber``.

        Raises
        ------
        RangeError
            A wavelength outside these bands.

        Examples
        --------
        >>> round(Fiber.at_wavelength(10.0, 1310.0).loss_db, 2), Fiber.at_wavelength(10.0, 1550.0).loss_db
        (3.29, 2.0)
        """
        attenuation = _core.fiber_attenuation(real("Fiber.at_wavelength", "wavelength_nm", wavelength_nm))
        return cls(length_km, attenuation, **fields)

    def dispersion_visibility(
        self,
        linewidth_hz: float,
        station: float = 0.5,
        wavelength_nm: float = 1550.0,
        dispersion_ps_per_nm_km: float | None = None,
    ) -> float:
        """Return the Hong-Ou-Mandel visibility that unequal arms leave to two equal Gaussian photons.

        V = 1/sqrt(1 + g^2), g = beta2 (L_A - L_B) s^2, with s the standard deviation of the angular frequency and
        beta2 = -D lambda^2/(2 pi c); equal arms cancel (doi:10.1364/PRJ.421180). The mean arrival times are taken as
        matched; multiply the link's other causes of distinguishability by it.

        Parameters
        ----------
        linewidth_hz : float
            Full width at half maximum of the photons' intensity spectrum.
        station : float
            Share of the fibre on side A.
        wavelength_nm : float
            Of the photons.
        dispersion_ps_per_nm_km : float, optional
            Chromatic dispersion D; None: ITU-T G.652's formula, zero at 1310 nm, 17.5 at 1550 nm.

        Examples
        --------
        >>> round(Fiber(50.0).dispersion_visibility(linewidth_hz=10e9, station=0.6), 3)
        0.988
        """
        object_ = "Fiber.dispersion_visibility"
        d = dispersion_ps_per_nm_km
        return _core.dispersion_visibility(
            json.dumps(self.to_dict()),
            real(object_, "linewidth_hz", linewidth_hz),
            real(object_, "station", station),
            real(object_, "wavelength_nm", wavelength_nm),
            None if d is None else real(object_, "dispersion_ps_per_nm_km", d),
        )


@dataclass(frozen=True)
class SatelliteDownlink(OpticalChannel):
    """From a satellite down to a telescope on the ground.

    eta = (1 - exp(-2 r^2/(w^2 + 4 (sigma d)^2))) eta_z^(1/sin el), w^2 = (lambda/(pi theta))^2 + (theta d)^2, d the
    distance on a spherical Earth. Neglected: turbulence, refraction, clouds, and that the satellite moves.

    Parameters
    ----------
    height_km : float
        Height of the orbit above the ground.
    divergence_rad : float
        Far-field half-angle theta of the beam, at 1/e^2 of the intensity.
    receiver_radius_m : float
        Radius r of the telescope.
    pointing_jitter_rad : float
        Standard deviation sigma of the pointing error, per axis.
    zenith_transmittance : float
        Transmittance eta_z of the atmosphere straight up.
    elevation_deg : float
        Elevation of the satellite above the horizon, in [5, 90]; 90: in the zenith.
    wavelength_nm : float
        Wavelength lambda; it sets the waist, which matters only near the satellite.
    insertion_loss_db : float
        Further losses in dB: optics, coupling into a fibre.

    Examples
    --------
    >>> down = SatelliteDownlink(height_km=400.0, divergence_rad=3e-6, receiver_radius_m=0.5,
    ...                          pointing_jitter_rad=1e-6, zenith_transmittance=0.8)
    >>> round(down.loss_db, 6), down.length_km
    (7.684203, 400.0)
    >>> low = down.replace(elevation_deg=20.0)
    >>> round(low.loss_db, 2), round(low.length_km)
    (16.93, 984)
    """

    height_km: float
    divergence_rad: float
    receiver_radius_m: float
    pointing_jitter_rad: float
    zenith_transmittance: float
    elevation_deg: float = default("SatelliteDownlink", "elevation_deg")
    wavelength_nm: float = default("SatelliteDownlink", "wavelength_nm")
    insertion_loss_db: float = default("SatelliteDownlink", "insertion_loss_db")

    @property
    def length_km(self) -> float:
        """Distance to the satellite in km."""
        return self._numbers[1]


@dataclass(frozen=True)
class FreeSpace(OpticalChannel):
    """A beam through air or a vacuum from one telescope to another.

    eta = (1 - exp(-2 r^2/(w^2 + 4 (sigma d)^2))) 10^(-loss d/10), w^2 = (lambda/(pi theta))^2 + (theta d)^2.
    Neglected: turbulence.

    Parameters
    ----------
    length_km : float
        Distance d.
    divergence_rad : float
        Far-field half-angle theta of the beam, at 1/e^2 of the intensity.
    receiver_radius_m : float
        Radius r of the receiving telescope.
    pointing_jitter_rad : float
        Standard deviation sigma of the pointing error, per axis.
    loss_db_per_km : float
        Extinction of the air; 0 in a vacuum.
    wavelength_nm : float
        Wavelength lambda; it sets the waist.
    insertion_loss_db : float
        Further losses in dB: optics, coupling into a fibre.

    Examples
    --------
    >>> roof = FreeSpace(length_km=2.0, divergence_rad=20e-6, receiver_radius_m=0.1, pointing_jitter_rad=5e-6,
    ...                  loss_db_per_km=0.5)
    >>> round(roof.loss_db, 3)
    1.002
    """

    length_km: float
    divergence_rad: float
    receiver_radius_m: float
    pointing_jitter_rad: float
    loss_db_per_km: float
    wavelength_nm: float = default("FreeSpace", "wavelength_nm")
    insertion_loss_db: float = default("FreeSpace", "insertion_loss_db")


@dataclass(frozen=True)
class Arms(OpticalChannel):
    """Two channels that meet at the station: one from node A, one from node B.

    Parameters
    ----------
    a, b : Fiber, SatelliteDownlink or FreeSpace
        The arms.

    Examples
    --------
    >>> arms = Arms(Fiber(10.0), Fiber(30.0, loss_db_per_km=0.25))
    >>> arms.loss_db, arms.length_km
    (9.5, 40.0)
    """

    a: OpticalChannel
    b: OpticalChannel

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            arm = getattr(self, name)
            if not isinstance(arm, OpticalChannel):
                raise complain(WrongTypeError, "Arms", name, CHANNELS, f"{type(arm).__name__} {shown(arm)}")
        super().__post_init__()

    @property
    def length_km(self) -> float:
        """Length of both arms together in km."""
        return self._numbers[1]


@dataclass(frozen=True)
class ClassicalLight(Spec):
    """A classical channel in the same fibre, for the Raman noise it makes.

    Parameters
    ----------
    power_dbm : float
        Power launched into the fibre; 0 dBm is 1 mW.
    raman_per_km_nm : float
        Effective Raman cross section rho from its wavelength to the quantum channel's, per km of fibre and nm of
        filter. It depends on both wavelengths and on the fibre; ``at_wavelength`` has it for standard fibre.
    loss_db_per_km : float
        Attenuation of the fibre at the classical wavelength.
    direction : {"co", "counter"}
        With the quantum signal, or against it.

    Examples
    --------
    >>> light = ClassicalLight(power_dbm=0.0, raman_per_km_nm=3e-9, loss_db_per_km=0.2, direction="co")
    >>> rate = light.raman_photon_rate_hz(Fiber(21.7), wavelength_nm=1550.0, filter_nm=0.16)
    >>> f"{rate:.3g}"
    '2.99e+07'
    """

    power_dbm: float
    raman_per_km_nm: float
    loss_db_per_km: float
    direction: str

    @classmethod
    def at_wavelength(
        cls,
        power_dbm: float,
        classical_nm: float,
        quantum_nm: float,
        direction: str,
        *,
        temperature_k: float = 295.0,
    ) -> ClassicalLight:
        """Return light of one wavelength in standard fibre, with its attenuation and cross section there.

        Parameters
        ----------
        power_dbm : float
            Power launched into the fibre.
        classical_nm, quantum_nm : float
            Wavelength of the light, and of the quantum channel it scatters into.
        direction : {"co", "counter"}
            With the quantum signal, or against it.
        temperature_k : float
            Of the fibre.

        Raises
        ------
        RangeError
            A wavelength outside [1260, 1675], or the two less than 0.1 or more than 42 THz apart.

        Examples
        --------
        >>> light = ClassicalLight.at_wavelength(0.0, 1550.0, 1310.0, "co")
        >>> f"{light.raman_per_km_nm:.2g}", light.loss_db_per_km
        ('2.6e-12', 0.2)
        """
        numbers = [
            real("ClassicalLight.at_wavelength", name, value)
            for name, value in (
                ("classical_nm", classical_nm),
                ("quantum_nm", quantum_nm),
                ("temperature_k", temperature_k),
            )
        ]
        rho = _core.raman_per_km_nm("ClassicalLight.at_wavelength", *numbers)
        return cls(power_dbm, rho, _core.fiber_attenuation(numbers[0]), direction)

    def raman_photon_rate_hz(self, fiber: Fiber, *, wavelength_nm: float, filter_nm: float) -> float:
        """Return the Raman photons per second at the receiver's end of the fibre.

        Co: P rho Delta (e^(-a L) - e^(-q L))/(q - a), P L e^(-a L) rho Delta for equal attenuations a and q of the
        classical and the quantum light; counter: P rho Delta (1 - e^(-(a+q) L))/(a + q); divided by h c/lambda
        (Eraerds et al. 2010, doi:10.1088/1367-2630/12/6/063027). Losses at points are not applied.

        Parameters
        ----------
        fiber : Fiber
            With the attenuation at the quantum wavelength.
        wavelength_nm : float
            Of the quantum channel.
        filter_nm : float
            Width Delta of the filter before the detector.
        """
        object_ = "ClassicalLight.raman_photon_rate_hz"
        if not isinstance(fiber, Fiber):
            raise complain(WrongTypeError, object_, "fiber", "a Fiber", shown(fiber))
        wavelength, width = real(object_, "wavelength_nm", wavelength_nm), real(object_, "filter_nm", filter_nm)
        light, glass = json.dumps(self.to_dict()), json.dumps(fiber.to_dict())
        return _core.raman_photon_rate_hz(light, glass, wavelength, width)


def raman_per_km_nm(classical_nm: float, quantum_nm: float, *, temperature_k: float = 295.0) -> float:
    """Return the Raman cross section rho of standard single-mode fibre, per km of fibre and nm of filter.

    rho = 2 h q (c/lambda_q^2) g (n+1) for a quantum channel q of longer wavelength than the light, with n q/c in place
    of n + 1 for one of shorter; g is the polarisation-averaged Raman gain of standard fibre at their distance D (GNPy's
    table, after D'Amico et al., J. Lightwave Technol. 40, 3499 (2022)), n = 1/(exp(h D/(k T)) - 1). Expect some dB of
    difference between fibres.

    Parameters
    ----------
    classical_nm, quantum_nm : float
        Wavelengths in nm, in [1260, 1675] and 0.1 to 42 THz apart.
    temperature_k : float
        Of the fibre, in kelvin.

    Raises
    ------
    RangeError
        Wavelengths outside these ranges.

    Examples
    --------
    >>> f"{raman_per_km_nm(1550.0, 1540.0):.2g} {raman_per_km_nm(1310.0, 1550.0):.2g}"
    '5.9e-09 4.3e-10'
    """
    object_ = "hardware.raman_per_km_nm"
    numbers = [
        real(object_, name, value)
        for name, value in (
            ("classical_nm", classical_nm),
            ("quantum_nm", quantum_nm),
            ("temperature_k", temperature_k),
        )
    ]
    return _core.raman_per_km_nm(object_, *numbers)


@dataclass(frozen=True)
class FrequencyConverter(Spec):
    """Quantum frequency conversion between a node's emitter and its fibre; see ``link.with_converters``.

    Parameters
    ----------
    efficiency : float
        From the emitter's fibre into the long one.
    noise_photon_rate_hz : float
        Noise photons per second at its output, within the receiver's filter.

    Examples
    --------
    >>> FrequencyConverter(efficiency=0.5, noise_photon_rate_hz=1e3).efficiency
    0.5
    """

    efficiency: float
    noise_photon_rate_hz: float


#: What messages call them.
CHANNELS = "a Fiber, SatelliteDownlink, FreeSpace or Arms"


def channel_from_plain(fields: Mapping[str, Any]) -> OpticalChannel:
    """Build a channel from what a document holds: ``{"length_km": 20.0}`` or ``{"FreeSpace": {...}}``."""
    kinds: dict[str, type[OpticalChannel]] = {k.__name__: k for k in (Fiber, SatelliteDownlink, FreeSpace, Arms)}
    name = next(iter(fields), "")
    if name not in kinds:
        return Fiber(**{k: number(v) for k, v in fields.items()})
    values = fields[name]
    if name == "Arms":
        return Arms(*(channel_from_plain(values[arm]) for arm in ("a", "b")))
    return kinds[name](**{k: number(v) for k, v in values.items()})


def number(value: Any) -> Any:
    """Undo the spelling of non-finite numbers in JSON."""
    return (
        {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.get(value, value)
        if isinstance(value, str)
        else value
    )
