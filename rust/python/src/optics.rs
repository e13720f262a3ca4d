//! What channels, light beside them, converters and detectors come down to; the Python face shows it.

use ebit_hardware::channel::Crossing;
use ebit_hardware::{converter, detection, glass, photon_source, raman, raman_spectrum};
use ebit_spec::check::{At, Check, Range};
use ebit_spec::parse::parse;
use ebit_spec::{
    Channel, ClassicalLight, Detector, Fiber, FrequencyConverter, LinkModel, PhotonSource, QuantumDot, Real, SpecError,
};
use numpy::PyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::errors::spec_error;

/// Refuses what makes no sense before it gets anywhere.
fn judge(object: &str, values: &[(&str, f64, Range, &str)]) -> PyResult<()> {
    let place = || object.to_owned();
    let at = At(&place);
    values.iter().try_for_each(|(name, value, range, hint)| at.real(name, Real(*value), *range, hint)).map_err(|e| spec_error(&e))
}

fn read<T: DeserializeOwned + Check>(json: &str) -> PyResult<T> {
    parse(json).map_err(|e: SpecError| spec_error(&e))
}

fn written<T: Serialize + Check>(value: &T, object: &str) -> PyResult<String> {
    value.check(&At(&|| object.to_owned())).map_err(|e| spec_error(&e))?;
    serde_json::to_string(value).map_err(|e| PyValueError::new_err(e.to_string()))
}

/// Loss in dB, length in km, light time in seconds and transmittance of a channel, as a link model holds it.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn crossing(json: &str) -> PyResult<(f64, f64, f64, f64)> {
    let crossing = Crossing::of(&read::<Channel>(json)?);
    Ok((crossing.loss_db, crossing.length_km, crossing.light_time_s, crossing.transmittance()))
}

/// Attenuation of standard fibre in dB/km at a wavelength in nm.
#[pyfunction]
#[pyo3(signature = (wavelength_nm, /))]
pub fn fiber_attenuation(wavelength_nm: f64) -> PyResult<f64> {
    let bands = Range::Between(glass::BANDS_NM.0, glass::BANDS_NM.1);
    judge("Fiber.at_wavelength", &[("wavelength_nm", wavelength_nm, bands, "the formula holds from the O to the U band")])?;
    Ok(glass::attenuation_db_per_km(wavelength_nm))
}

/// Visibility that unequal arms of a fibre leave two Gaussian photons; dispersion by G.652's formula when not given.
#[pyfunction]
#[pyo3(signature = (json, linewidth_hz, station, wavelength_nm, dispersion_ps_per_nm_km, /))]
pub fn dispersion_visibility(
    json: &str,
    linewidth_hz: f64,
    station: f64,
    wavelength_nm: f64,
    dispersion_ps_per_nm_km: Option<f64>,
) -> PyResult<f64> {
    let fiber: Fiber = read(json)?;
    let bands = Range::Between(glass::BANDS_NM.0, glass::BANDS_NM.1);
    judge(
        "Fiber.dispersion_visibility",
        &[
            ("linewidth_hz", linewidth_hz, Range::NonNegative, "full width at half maximum of the photon's spectrum"),
            ("station", station, Range::Probability, "share of the fibre on side A; 0.5 is the middle"),
            ("wavelength_nm", wavelength_nm, bands, "the O to U bands"),
            ("dispersion_ps_per_nm_km", dispersion_ps_per_nm_km.unwrap_or(0.0), Range::Between(-1e6, 1e6), "17 at 1550 nm"),
        ],
    )?;
    let dispersion = dispersion_ps_per_nm_km.unwrap_or_else(|| glass::dispersion_ps_per_nm_km(wavelength_nm));
    let difference_km = (2.0 * station - 1.0) * fiber.length_km.0;
    Ok(glass::dispersion_visibility(linewidth_hz, difference_km, wavelength_nm, dispersion))
}

/// Raman photons per second of a classical channel at the receiver's end of a fibre.
#[pyfunction]
#[pyo3(signature = (light, fiber, wavelength_nm, filter_nm, /))]
pub fn raman_photon_rate_hz(light: &str, fiber: &str, wavelength_nm: f64, filter_nm: f64) -> PyResult<f64> {
    let (light, fiber): (ClassicalLight, Fiber) = (read(light)?, read(fiber)?);
    judge(
        "ClassicalLight.raman_photon_rate_hz",
        &[
            ("wavelength_nm", wavelength_nm, Range::Between(100.0, 100_000.0), "of the quantum channel"),
            ("filter_nm", filter_nm, Range::NonNegative, "width of the filter before the detector"),
        ],
    )?;
    Ok(raman::photon_rate_hz(&light, fiber.length_km.0, fiber.loss_db_per_km.0, wavelength_nm, filter_nm))
}

/// Raman cross section of standard fibre per km and nm, from one wavelength in nm to another; `object` is who asks.
#[pyfunction]
#[pyo3(signature = (object, classical_nm, quantum_nm, temperature_k, /))]
pub fn raman_per_km_nm(object: &str, classical_nm: f64, quantum_nm: f64, temperature_k: f64) -> PyResult<f64> {
    let bands = Range::Between(glass::BANDS_NM.0, glass::BANDS_NM.1);
    judge(
        object,
        &[
            ("classical_nm", classical_nm, bands, "of the classical light, in the O to U bands"),
            ("quantum_nm", quantum_nm, bands, "of the quantum channel, in the O to U bands"),
            ("temperature_k", temperature_k, Range::Between(1e-3, 1e3), "of the fibre, in kelvin"),
        ],
    )?;
    let apart = raman_spectrum::offset_thz(classical_nm, quantum_nm);
    let (near, far) = raman_spectrum::OFFSETS_THZ;
    if !(near..=far).contains(&apart) {
        let place = || object.to_owned();
        let hint = "nearer is the light itself, farther the table ends; give raman_per_km_nm as measured";
        let range = format!("{near} to {far} THz from classical_nm");
        return Err(spec_error(&At(&place).error("quantum_nm", range, format!("{apart:.3} THz"), hint)));
    }
    Ok(raman_spectrum::raman_per_km_nm(classical_nm, quantum_nm, temperature_k))
}

/// Mean photon number and g2 of a source, given as `{"QuantumDot": {...}}`.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn photon_moments(json: &str) -> PyResult<(f64, f64)> {
    let source: PhotonSource = read(json)?;
    Ok((photon_source::mean_photons(&source), photon_source::g2(&source)))
}

/// Probabilities of 0, 1, .. photons of a source, so many.
#[pyfunction]
#[pyo3(signature = (json, count, /))]
pub fn photon_probabilities<'py>(py: Python<'py>, json: &str, count: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let mut numbers = photon_source::numbers(&read::<PhotonSource>(json)?);
    numbers.resize(count, 0.0);
    Ok(PyArray1::from_vec(py, numbers))
}

/// Probability of a second photon of a quantum dot whenever there is a first.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn double_excitation_probability(json: &str) -> PyResult<f64> {
    Ok(photon_source::double_excitation_probability(&read::<QuantumDot>(json)?))
}

/// Probability that a detector behind a source and a channel of some transmittance clicks.
#[pyfunction]
#[pyo3(signature = (detector, source, transmittance, /))]
pub fn photon_click_probability(detector: &str, source: &str, transmittance: f64) -> PyResult<f64> {
    let (detector, source): (Detector, PhotonSource) = (read(detector)?, read(source)?);
    let hint = "that a photon comes through the channel";
    judge("Detector.click_probability", &[("transmittance", transmittance, Range::Probability, hint)])?;
    Ok(photon_source::click_probability(&source, transmittance, &detector))
}

/// A detector with more photons on it.
#[pyfunction]
#[pyo3(signature = (json, photon_rate_hz, /))]
pub fn detector_with_background(json: &str, photon_rate_hz: f64) -> PyResult<String> {
    let object = "Detector.with_background";
    judge(object, &[("photon_rate_hz", photon_rate_hz, Range::NonNegative, "photons per second on the detector")])?;
    written(&detection::with_background(&read::<Detector>(json)?, photon_rate_hz), object)
}

/// A detector with timing jitter.
#[pyfunction]
#[pyo3(signature = (json, fwhm_s, /))]
pub fn detector_with_jitter(json: &str, fwhm_s: f64) -> PyResult<String> {
    let object = "Detector.with_jitter";
    judge(object, &[("fwhm_s", fwhm_s, Range::NonNegative, "full width at half maximum in seconds")])?;
    written(&detection::with_jitter(&read::<Detector>(json)?, fwhm_s), object)
}

/// A detector under a steady load.
#[pyfunction]
#[pyo3(signature = (json, photon_rate_hz, dead_time_s, afterpulse_probability, /))]
pub fn detector_under_load(json: &str, photon_rate_hz: f64, dead_time_s: f64, afterpulse_probability: f64) -> PyResult<String> {
    let object = "Detector.under_load";
    judge(
        object,
        &[
            ("photon_rate_hz", photon_rate_hz, Range::NonNegative, "photons per second on the detector"),
            ("dead_time_s", dead_time_s, Range::NonNegative, "blind after each count, in seconds"),
            ("afterpulse_probability", afterpulse_probability, Range::Between(0.0, 0.999), "per recorded count"),
        ],
    )?;
    let detector: Detector = read(json)?;
    written(&detection::under_load(&detector, photon_rate_hz, dead_time_s, afterpulse_probability), object)
}

/// A link model with a frequency converter at each node.
#[pyfunction]
#[pyo3(signature = (json, a, b, /))]
pub fn with_converters(json: &str, a: &str, b: &str) -> PyResult<String> {
    let (model, a, b): (LinkModel, FrequencyConverter, FrequencyConverter) = (read(json)?, read(a)?, read(b)?);
    let converted = converter::with_converters(&model, [&a, &b]).map_err(|e| spec_error(&e))?;
    written(&converted, LinkModel::NAME)
}
