"""A bank's two data centres on one metropolitan fibre, beside the traffic that is in it already.

Decoy states at 1310 nm, 20 km, while classical channels around 1550 nm run in both directions: their Raman scattering
falls on the receiver. How much traffic does the key stand, what does a block of it give, and what becomes of somebody
who splits photon numbers on the way?

    python bank.py [PICTURE]
"""

from __future__ import annotations

import math
import sys

import ebit
from ebit import qkd
from ebit.hardware import ClassicalLight

LENGTH_KM = 20.0
QUANTUM_NM, CLASSICAL_NM = 1310.0, 1550.0
FILTER_NM, GATE_S = 0.2, 1e-10
DETECTOR = ebit.Detector(efficiency=0.2, dark_count_rate_hz=500.0, window_s=GATE_S)
#: Total power of the classical channels into the fibre at each end, in dBm; 0 dBm is one channel of 1 mW.
POWERS_DBM = (-math.inf, 0.0, 5.0, 10.0, 15.0, 20.0)
#: Sifted bits of a block, how insecure its key may be, and pulses that give about as many.
BLOCK, EPSILON = 5e6, 1e-10
PULSES = 8 * 10**8


def system(power_dbm: float) -> qkd.DecoyBB84:
    """Return the bank's line beside so much classical light in each direction."""
    fiber = ebit.Fiber.at_wavelength(LENGTH_KM, QUANTUM_NM, connectors=4)
    noise_hz = 0.0
    if math.isfinite(power_dbm):
        for direction in ("co", "counter"):
            light = ClassicalLight.at_wavelength(power_dbm, CLASSICAL_NM, QUANTUM_NM, direction)
            noise_hz += light.raman_photon_rate_hz(fiber, wavelength_nm=QUANTUM_NM, filter_nm=FILTER_NM)
    # Two detectors share the noise; either may click by itself.
    one = -math.expm1(-DETECTOR.with_background(noise_hz / 2).dark_count_rate_hz * GATE_S)
    return qkd.DecoyBB84(
        fiber=fiber,
        receiver_efficiency=DETECTOR.efficiency,
        background_probability=1.0 - (1.0 - one) ** 2,
        misalignment=0.01,
        signal=0.5,
        decoys=(0.1, 0.0),
        signal_probability=0.7,
        weak_probability=0.2,
        sifting=0.9**2,
        repetition_rate_hz=1e9,
    )


def picture(attacked: qkd.Session, path: str) -> None:
    """Draw what the attack moved."""
    attacked.plot(path)


def main() -> None:
    """Print the rate over traffic, then a session without and with somebody on the line."""
    print(f"{'light each way':>15s} {'background':>12s} {'asymptotic':>12s} {f'{BLOCK:.0e} bits':>12s}")
    for power in POWERS_DBM:
        line = system(power)
        shown = "none" if math.isinf(power) else f"{power:g} dBm"
        best = line.optimize(BLOCK, EPSILON)
        rates = [best.key_rate_hz(), best.key_rate_hz(BLOCK, EPSILON)]
        cells = " ".join(f"{r.value / 1e3:7.1f} kb/s" if r.value else f"{'no key':>12s}" for r in rates)
        print(f"{shown:>15s} {line.background_probability:12.2g} {cells}")
    line = system(10.0).optimize(BLOCK, EPSILON)
    quiet = line.run(PULSES, rng=1, epsilon=EPSILON)
    print(f"\n{PULSES / 1e9:g} s of pulses beside 10 dBm each way: {quiet.sifted_bits} sifted bits, QBER {quiet.qber}")
    print(
        f"  a key of {len(quiet.alice_key)} bits, equal at both ends: {bool((quiet.alice_key == quiet.bob_key).all())}"
    )
    print(f"  {quiet.ledger.key_bits} bits of older key went into tags; {quiet.key_rate_hz / 1e3:.1f} kb/s are left")
    heard = line.run(PULSES, qkd.PhotonNumberSplitting(), rng=1, epsilon=EPSILON)
    print(
        f"\nsomebody splits photon numbers: QBER {heard.qber}, she knows {heard.eve_information.value:.2f} of each bit"
    )
    for alarm in heard.alarms[:3]:
        print(f"  alarm: {alarm}")
    print(f"  key: {len(heard.alice_key)} bits")
    if len(sys.argv) > 1:
        picture(heard, sys.argv[1])


if __name__ == "__main__":
    main()
