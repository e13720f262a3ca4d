//! The steps that a small matrix is made of, and how they are applied.

use num_complex::Complex64;

use super::dense::Dense;
use super::pair_work::{Exchange, Mix, ScaleBoth};
use super::pairs::{for_pairs, places};
use crate::operator::{ONE, ZERO};

/// One step of a gate; patterns are rows of its matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Scale(usize, Complex64),
    Exchange(usize, usize),
    Mix(usize, usize, [Complex64; 4]),
}

/// How a matrix on k bits acts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    Steps(Vec<Step>),
    Dense(Dense),
}

impl Form {
    /// The cheapest form of a row-major 2^k x 2^k matrix.
    pub(crate) fn of(matrix: &[Complex64], dimension: usize) -> Self {
        let mut steps = Vec::new();
        for i in 0..dimension {
            let linked = |j: &usize| *j != i && (matrix[i * dimension + j] != ZERO || matrix[j * dimension + i] != ZERO);
            let mut partners = (0..dimension).filter(linked);
            match (partners.next(), partners.next()) {
                (None, _) => {
                    let factor = matrix[i * dimension + i];
                    if factor != ONE {
                        steps.push(Step::Scale(i, factor));
                    }
                }
                (Some(j), None) if j > i => {
                    let others = (0..dimension).filter(|k| *k != j && *k != i);
                    if others.into_iter().any(|k| matrix[j * dimension + k] != ZERO || matrix[k * dimension + j] != ZERO) {
                        return Self::Dense(Dense::new(matrix, dimension));
                    }
                    let m = [(i, i), (i, j), (j, i), (j, j)].map(|(r, c)| matrix[r * dimension + c]);
                    steps.push(if m == [ZERO, ONE, ONE, ZERO] { Step::Exchange(i, j) } else { Step::Mix(i, j, m) });
                }
                (Some(_), None) => {}
                (Some(_), Some(_)) => return Self::Dense(Dense::new(matrix, dimension)),
            }
        }
        Self::Steps(steps)
    }

    pub(crate) fn conjugate(&self) -> Self {
        match self {
            Self::Steps(steps) => Self::Steps(steps.iter().map(|s| s.conjugate()).collect()),
            Self::Dense(dense) => Self::Dense(dense.conjugate()),
        }
    }
}

impl Step {
    pub(crate) fn conjugate(self) -> Self {
        match self {
            Self::Scale(p, c) => Self::Scale(p, c.conj()),
            Self::Exchange(p, q) => Self::Exchange(p, q),
            Self::Mix(p, q, m) => Self::Mix(p, q, m.map(|x| x.conj())),
        }
    }
}

/// Applies a matrix in this form to the index bits `bits`, the least significant first.
pub(crate) fn apply_form(data: &mut [Complex64], form: &Form, bits: &[usize], threads: usize) {
    match form {
        Form::Steps(steps) => apply_steps(data, steps, bits, threads),
        Form::Dense(dense) => dense.apply(data, bits, threads),
    }
}

pub(crate) fn apply_steps(data: &mut [Complex64], steps: &[Step], bits: &[usize], threads: usize) {
    let mut steps = steps;
    while let Some((step, rest)) = steps.split_first() {
        steps = rest;
        match (*step, rest) {
            // Two factors in one pass over the memory.
            (Step::Scale(p, c), [Step::Scale(q, d), others @ ..]) => {
                for_pairs(data, &places(bits, p, *q), ScaleBoth([c, *d]), threads);
                steps = others;
            }
            (Step::Scale(p, c), _) => super::scale::for_pattern(data, bits, p, c, threads),
            (Step::Exchange(p, q), _) => for_pairs(data, &places(bits, p, q), Exchange, threads),
            (Step::Mix(p, q, m), _) => for_pairs(data, &places(bits, p, q), Mix(m), threads),
        }
    }
}
