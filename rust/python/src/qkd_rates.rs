//! Key rates of the protocols, their best parameters and longest distances.

use ebit_qkd::finite::{
    Budget, Counts, Finite, Intensities, Length, ekert, lim2014, nadlinger2022, nahar2024, rusca2018, sending, tagged,
    tomamichel2012, two_senders,
};
use ebit_qkd::rates::{System, qber_threshold};
use ebit_spec::parse::parse;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{range_error, spec_error};

fn read(system: &str, finite: Option<&str>) -> PyResult<(System, Option<Finite>)> {
    let system = parse(system).map_err(|e| spec_error(&e))?;
    let finite = finite.map(parse).transpose().map_err(|e| spec_error(&e))?;
    Ok((system, finite))
}

/// Secret bits per signal of `{"DecoyBB84": {...}}`, with what it rests on.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_key_rate<'py>(py: Python<'py>, system: &str, finite: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
    let (system, finite) = read(system, finite)?;
    let rate = py.detach(|| system.key_rate(finite.as_ref())).map_err(|e| spec_error(&e))?;
    let dict = |pairs: &[(&'static str, f64)]| -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        pairs.iter().try_for_each(|(name, value)| out.set_item(name, value))?;
        Ok(out)
    };
    let out = PyDict::new(py);
    out.set_item("value", rate.value())?;
    out.set_item("parts", dict(&rate.parts)?)?;
    out.set_item("epsilon", dict(&rate.epsilon)?)?;
    out.set_item("why", &rate.why)?;
    out.set_item("security", system.security(finite.is_some()))?;
    out.set_item("assumptions", system.assumptions(finite.is_some()))?;
    out.set_item("repetition_rate_hz", system.repetition_rate_hz())?;
    Ok(out)
}

/// The same protocol at its best parameters.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_optimum(py: Python<'_>, system: &str, finite: Option<&str>) -> PyResult<String> {
    let (system, finite) = read(system, finite)?;
    let best = py.detach(|| system.optimum(finite.as_ref())).map_err(|e| spec_error(&e))?;
    serde_json::to_string(&best).map_err(|e| PyValueError::new_err(e.to_string()))
}

/// The longest fibre over which there is a key, in km.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_max_distance_km(py: Python<'_>, system: &str, finite: Option<&str>) -> PyResult<f64> {
    let (system, finite) = read(system, finite)?;
    py.detach(|| system.max_distance_km(finite.as_ref())).map_err(|e| spec_error(&e))
}

/// The error rate at which a protocol's key vanishes.
#[pyfunction]
#[pyo3(signature = (protocol, /))]
pub fn qkd_threshold(protocol: &str) -> PyResult<f64> {
    let range = "one of BB84, BBM92, E91, SixState, SARG04, DeviceIndependent";
    let hint = "others depend on more than their error rate";
    let wrong = || range_error("qber_threshold", "protocol", range, format!("'{protocol}'"), hint);
    qber_threshold(protocol).ok_or_else(wrong)
}

/// S of pairs with an error rate.
#[pyfunction]
#[pyo3(signature = (qber, /))]
pub fn qkd_chsh(qber: f64) -> f64 {
    ebit_qkd::rates::e91::chsh(qber)
}

type Block = [Vec<f64>; 6];

/// Secrecy and correctness, by their parts.
type Split = fn(f64, f64) -> Vec<(&'static str, f64)>;

/// Key length from counts with one decoy or two, the signal first: intensities, probabilities, clicks and wrong clicks in
/// the key basis, clicks and wrong clicks in the test basis.
#[pyfunction]
#[pyo3(signature = (columns, disclosed, epsilon, /))]
pub fn qkd_decoy_key_length<'py>(py: Python<'py>, columns: Block, disclosed: f64, epsilon: &str) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let (length, parts) = if let Some((sent, counts)) = read_block::<3>(&columns) {
        (lim2014::length(&sent, &counts, disclosed, &budget), lim2014::parts as Split)
    } else if let Some((sent, counts)) = read_block::<2>(&columns) {
        (rusca2018::length(&sent, &counts, disclosed, &budget), rusca2018::parts as Split)
    } else {
        let lengths: Vec<usize> = columns.iter().map(Vec::len).collect();
        let range = "two or three intensities, and as many probabilities and counts";
        return Err(range_error("decoy_key_length", "intensities", range, format!("{lengths:?}"), "the signal first"));
    };
    let Length { bits, secrecy, vacuum, single, phase_error, qber, leak: _ } = length;
    let out = PyDict::new(py);
    let parts_of: Vec<(&str, f64)> =
        vec![("vacuum_clicks", vacuum), ("single_photon_clicks", single), ("phase_error", phase_error), ("qber", qber)];
    describe(&out, bits, &parts_of, &parts(secrecy, budget.correctness.0))?;
    Ok(out)
}

fn read_block<const N: usize>(columns: &Block) -> Option<(Intensities<N>, Counts<N>)> {
    let [mean, probability, key, key_wrong, test, test_wrong] = columns;
    let fixed = |values: &Vec<f64>| -> Option<[f64; N]> { values.as_slice().try_into().ok() };
    let sent = Intensities { mean: fixed(mean)?, probability: fixed(probability)? };
    let (key, key_wrong) = (fixed(key)?, fixed(key_wrong)?);
    Some((sent, Counts { key, key_wrong, test: fixed(test)?, test_wrong: fixed(test_wrong)? }))
}

/// Key length of two senders with a signal, a weak decoy and vacuum: intensities, probabilities, then accepted pairs and
/// wrong ones in the key basis and in the test basis, by Alice's and Bob's intensities.
#[pyfunction]
#[pyo3(signature = (mean, probability, counts, disclosed, epsilon, /))]
pub fn qkd_relay_key_length<'py>(
    py: Python<'py>,
    mean: [f64; 3],
    probability: [f64; 3],
    counts: [two_senders::Grid; 4],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let [key, key_wrong, test, test_wrong] = counts;
    let counts = two_senders::PairCounts { key, key_wrong, test, test_wrong };
    let Length { bits, secrecy, single, phase_error, qber, .. } =
        two_senders::length(&Intensities { mean, probability }, &counts, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = two_senders::parts(secrecy, budget.correctness.0);
    describe(&out, bits, &[("single_photon_clicks", single), ("phase_error", phase_error), ("qber", qber)], &parts)?;
    Ok(out)
}

/// Key length of sending or not sending: means of signal, strong and weak decoy; how often each takes a key window, a strong
/// and a weak decoy, vacuum; how often a signal is sent, and the slice of phases; clicks with one strong decoy, one weak one,
/// none, wrong ones in the slice, those of key windows.
#[pyfunction]
#[pyo3(signature = (means, windows, sending, counts, disclosed, epsilon, /))]
pub fn qkd_sending_key_length<'py>(
    py: Python<'py>,
    means: [f64; 3],
    windows: [f64; 4],
    sending: (f64, f64),
    counts: [f64; 5],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let ([signal, strong, weak], [key, of_strong, of_weak, vacuum]) = (means, windows);
    let tests = of_strong + of_weak + vacuum;
    let shares = [of_weak / tests, of_strong / tests];
    let sent = sending::Windows { signal, weak, strong, key, sending: sending.0, shares, slice: sending.1 };
    let [strong, weak, empty, wrong, key] = counts;
    let clicks = sending::Clicks { empty, weak, strong, wrong, key };
    let Length { bits, secrecy, single, phase_error, .. } = sending::length(&sent, &clicks, 0.0, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = sending::parts(secrecy, budget.correctness.0);
    describe(&out, bits, &[("single_photon_clicks", single), ("phase_error", phase_error)], &parts)?;
    Ok(out)
}

/// Key length of boxes: rounds, how often one is a test, the score that the test asks for.
#[pyfunction]
#[pyo3(signature = (rounds, test, score, disclosed, epsilon, /))]
pub fn qkd_device_independent_key_length<'py>(
    py: Python<'py>,
    rounds: f64,
    test: f64,
    score: f64,
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let of = nadlinger2022::Rounds { rounds, test, score, disclosed };
    let (bits, _, parts) = py.detach(|| nadlinger2022::length(&of, &budget));
    let out = PyDict::new(py);
    let (unknown, losses) = (nadlinger2022::unknown_at(score), (rounds * test * (1.0 - score)).floor());
    describe(&out, bits, &[("unknown_per_bit", unknown), ("most_losses", losses)], &parts)?;
    Ok(out)
}

/// Key length of E91: pairs, bits of the key, and games lost at (0, 45), (0, 135) and (90, 135) degrees.
#[pyfunction]
#[pyo3(signature = (pairs, key, lost, disclosed, epsilon, /))]
pub fn qkd_ekert_key_length<'py>(
    py: Python<'py>,
    pairs: f64,
    key: f64,
    lost: [f64; 3],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let (bits, secrecy, phase) = ekert::length(&ekert::Rounds { pairs, key, lost }, disclosed, &budget);
    let out = PyDict::new(py);
    describe(&out, bits, &[("phase_error", phase)], &ekert::parts(secrecy, budget.correctness.0))?;
    Ok(out)
}

/// Key length of six states: pairs measured, bits of the key, bits compared in each basis, error rates of the key basis and of
/// the others on average.
#[pyfunction]
#[pyo3(signature = (pairs, key, test, qber, disclosed, epsilon, /))]
pub fn qkd_six_state_key_length<'py>(
    py: Python<'py>,
    pairs: f64,
    key: f64,
    test: f64,
    qber: [f64; 2],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let (bits, secrecy, found) = nahar2024::length(&nahar2024::Sample { pairs, key, test, qber }, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = [("unknown_per_bit", found.unknown), ("qber_width", found.width), ("block_penalty_bits", found.lost)];
    describe(&out, bits, &parts, &nahar2024::parts(secrecy, budget.correctness.0))?;
    Ok(out)
}

/// Key length of weak pulses: pulses, mean photons, probability of the key basis, bits of it, bits of the other and wrong ones.
#[pyfunction]
#[pyo3(signature = (counts, disclosed, epsilon, /))]
pub fn qkd_weak_key_length<'py>(
    py: Python<'py>,
    counts: [f64; 6],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let [pulses, signal, key_basis, key, test, test_wrong] = counts;
    let counts = tagged::Counts { pulses, signal, key_basis, key, test, test_wrong };
    let Length { bits, secrecy, single, phase_error, .. } = tagged::length(&counts, 0.0, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = [("untagged_clicks", single), ("phase_error", phase_error)];
    describe(&out, bits, &parts, &tagged::parts(secrecy, budget.correctness.0))?;
    Ok(out)
}

/// Key length from key bits, test bits and the error rate of these.
#[pyfunction]
#[pyo3(signature = (key_bits, test_bits, qber, disclosed, epsilon, /))]
pub fn qkd_uncertainty_key_length<'py>(
    py: Python<'py>,
    key_bits: f64,
    test_bits: f64,
    qber: f64,
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let (bits, secrecy, phase) = tomamichel2012::length(key_bits, test_bits, qber, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = tomamichel2012::parts(secrecy, budget.correctness.0);
    describe(&out, bits, &[("phase_error", phase), ("qber", qber)], &parts)?;
    Ok(out)
}

fn describe(out: &Bound<'_, PyDict>, bits: f64, parts: &[(&str, f64)], epsilon: &[(&str, f64)]) -> PyResult<()> {
    out.set_item("bits", bits)?;
    for (name, pairs) in [("parts", parts), ("epsilon", epsilon)] {
        let dict = PyDict::new(out.py());
        pairs.iter().try_for_each(|(name, value)| dict.set_item(name, value))?;
        out.set_item(name, dict)?;
    }
    Ok(())
}
