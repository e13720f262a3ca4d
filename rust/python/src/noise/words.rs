//! Probabilities by Pauli word: character k acts on target k.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::OBJECT;
use crate::arguments::{real, shown};
use crate::errors::{range_error, type_error};

/// Index of a Pauli word: digit k in base 4 for character k.
fn word_index(word: &str) -> Option<usize> {
    word.chars().rev().try_fold(0, |index, letter| {
        let digit = match letter {
            'I' | '_' => 0,
            'X' => 1,
            'Y' => 2,
            'Z' => 3,
            _ => return None,
        };
        Some(4 * index + digit)
    })
}

fn word(index: usize, qubits: usize) -> String {
    (0..qubits).map(|k| ['I', 'X', 'Y', 'Z'][(index >> (2 * k)) & 3]).collect()
}

/// Each word with its probability.
pub(super) fn dictionary<'py>(py: Python<'py>, probabilities: &[f64], qubits: usize) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    for (k, p) in probabilities.iter().enumerate() {
        out.set_item(word(k, qubits), p)?;
    }
    Ok(out)
}

/// Probabilities by index from a dictionary of words; what is missing of 1 is the identity's.
pub(super) fn probabilities_of(value: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let (range, hint) = ("a dictionary of Pauli words and probabilities", "as {'X': 0.01, 'Z': 0.02}");
    let wrong = || type_error(OBJECT, "probabilities", range, shown(value), hint);
    let dictionary = value.cast::<PyDict>().map_err(|_| wrong())?;
    let mut qubits = 0;
    let mut found: Vec<(usize, f64)> = Vec::with_capacity(dictionary.len());
    for (key, p) in dictionary {
        let text = key.cast::<PyString>().map_err(|_| wrong())?.to_string();
        let length = text.chars().count();
        let bad = |range: String| Err(range_error(OBJECT, "probabilities", &range, shown(&key), "character k acts on target k"));
        if !(1..=4).contains(&length) {
            return bad("words of one to four of the letters I _ X Y Z".into());
        }
        if !found.is_empty() && length != qubits {
            return bad(format!("words of the same length, {qubits}"));
        }
        qubits = length;
        match word_index(&text) {
            Some(index) if found.iter().any(|(k, _)| *k == index) => return bad("different words".into()),
            Some(index) => found.push((index, real(OBJECT, &format!("probabilities[{}]", shown(&key)), &p)?)),
            None => return bad("words of the letters I _ X Y Z".into()),
        }
    }
    if found.is_empty() {
        return Err(range_error(OBJECT, "probabilities", "at least one Pauli word", "{}", hint));
    }
    let mut out = vec![0.0; 1 << (2 * qubits)];
    for (index, p) in &found {
        out[*index] = *p;
    }
    if found.iter().all(|(index, _)| *index != 0) {
        let sum: f64 = out.iter().sum();
        // What exceeds 1 by more than rounding is the judge's to name.
        out[0] = if sum > 1.0 { 0.0 } else { 1.0 - sum };
    }
    Ok(out)
}
