//! Key lengths from counts of one's own.

use ebit_qkd::finite::{
    Budget, Counts, Intensities, Length, b92, ekert, lim2014, nadlinger2022, nahar2024, pairing, rusca2018, sarg, sending,
    tagged, tomamichel2012, twin_field, two_senders,
};
use ebit_qkd::rates::b92::Seen;
use ebit_spec::parse::parse;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{range_error, spec_error};

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

/// Key length of twin-field QKD: means of signal, strong and weak decoy; how often each takes a key window, a strong and a weak
/// decoy, vacuum; clicks of test windows by both intensities, strong, weak, vacuum; key bits.
#[pyfunction]
#[pyo3(signature = (means, windows, clicks, key, disclosed, epsilon, /))]
pub fn qkd_twin_field_key_length<'py>(
    py: Python<'py>,
    means: [f64; 3],
    windows: [f64; 4],
    clicks: [[f64; 3]; 3],
    key: f64,
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let ([signal, strong, weak], [of_key, of_strong, of_weak, vacuum]) = (means, windows);
    let tests = of_strong + of_weak + vacuum;
    let sent = twin_field::Windows { signal, weak, strong, key: of_key, shares: [of_weak / tests, of_strong / tests] };
    let test = std::array::from_fn(|a| std::array::from_fn(|b| clicks[2 - a][2 - b]));
    let found = twin_field::length(&sent, &twin_field::Clicks { test, key }, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = twin_field::parts(found.secrecy, budget.correctness.0);
    describe(&out, found.bits, &[("phase_error", found.phase_error)], &parts)?;
    Ok(out)
}

/// Key length of mode pairing: means of signal and weak decoy; how often each is sent, nothing last; pairs by
/// the totals of both sides; the slice of phases, wrong pairs in it, and those with a weak decoy twice from one side alone.
#[pyfunction]
#[pyo3(signature = (means, shares, key, tests, disclosed, epsilon, /))]
pub fn qkd_pairing_key_length<'py>(
    py: Python<'py>,
    means: [f64; 2],
    shares: [f64; 3],
    key: [[f64; 3]; 3],
    tests: (f64, f64, f64),
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let ([signal, weak], (slice, wrong, one_sided)) = (means, tests);
    let sum: f64 = shares.iter().sum();
    let sent = pairing::Rounds { signal, weak, shares: [shares[0] / sum, shares[1] / sum], slice };
    let clicks = pairing::PairedClicks { key, one_sided, wrong };
    let Length { bits, secrecy, single, phase_error, .. } = pairing::length(&sent, &clicks, 0.0, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = pairing::parts(secrecy, budget.correctness.0);
    describe(&out, bits, &[("single_photon_pairs", single), ("phase_error", phase_error)], &parts)?;
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

/// Key length of B92: overlap, how often a hit is compared; shares of lost pulses, hits and wrong hits that are expected;
/// pulses, lost ones, bits of the key, bits compared and wrong ones.
#[pyfunction]
#[pyo3(signature = (plan, expected, counts, disclosed, epsilon, /))]
pub fn qkd_b92_key_length<'py>(
    py: Python<'py>,
    plan: [f64; 2],
    expected: [f64; 3],
    counts: [f64; 5],
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let ([overlap, test_probability], [loss, hits, wrong]) = (plan, expected);
    let plan = b92::Plan { overlap, test_probability, expected: Seen { loss, hits, wrong } };
    let [pulses, lost, key, test, wrong] = counts;
    let (bits, secrecy, phase) = b92::length(&plan, &b92::Rounds { pulses, lost, key, test, wrong }, disclosed, &budget);
    let out = PyDict::new(py);
    describe(&out, bits, &[("phase_error", phase)], &b92::parts(secrecy, budget.correctness.0))?;
    Ok(out)
}

/// Key length of SARG04: intensities, probabilities, conclusive clicks of the key and wrong ones of those compared; how often
/// they were.
#[pyfunction]
#[pyo3(signature = (columns, compared, disclosed, epsilon, /))]
pub fn qkd_sarg_key_length<'py>(
    py: Python<'py>,
    columns: [[f64; 3]; 4],
    compared: f64,
    disclosed: f64,
    epsilon: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let budget: Budget = parse(epsilon).map_err(|e| spec_error(&e))?;
    let [mean, probability, key, test_wrong] = columns;
    let sent = Intensities { mean, probability };
    let Length { bits, secrecy, single, phase_error, .. } =
        sarg::length(&sent, &sarg::Clicks { compared, key, test_wrong }, 0.0, disclosed, &budget);
    let out = PyDict::new(py);
    let parts = [("single_photon_clicks", single), ("phase_error", phase_error)];
    describe(&out, bits, &parts, &sarg::parts(secrecy, budget.correctness.0))?;
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
