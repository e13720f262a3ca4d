//! Directions on the Bloch sphere: states of one qubit, and axes along which it is measured.

/// A point of the Bloch ball, (x, y, z); pure states and axes have length 1.
pub type Bloch = [f64; 3];

pub const X: Bloch = [1.0, 0.0, 0.0];
pub const Y: Bloch = [0.0, 1.0, 0.0];
pub const Z: Bloch = [0.0, 0.0, 1.0];
/// Half-way between Z and X: the basis of Breidbart (Bennett et al. 1992, doi:10.1007/BF00191318).
pub const BREIDBART: Bloch = [std::f64::consts::FRAC_1_SQRT_2, 0.0, std::f64::consts::FRAC_1_SQRT_2];

/// The state with outcome `bit` along `axis`: 0 points along it, 1 against it.
#[must_use]
pub fn eigenstate(axis: Bloch, bit: bool) -> Bloch {
    if bit { axis.map(|c| -c) } else { axis }
}

/// P(0) when `state` is measured along `axis`: (1 + s.m)/2, in [0, 1] also where rounding leaves it.
#[must_use]
pub fn probability_of_zero(state: Bloch, axis: Bloch) -> f64 {
    let cosine: f64 = state.iter().zip(axis).map(|(s, m)| s * m).sum();
    (0.5 + 0.5 * cosine).clamp(0.0, 1.0)
}
