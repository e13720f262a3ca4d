//! What is applied to a density matrix: unitaries, channels, prepared operations.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use super::qubit_map::QubitMap;
use super::sweep::sweep;
use super::{DensityMatrix, OBJECT, small};
use crate::amplitudes::{Dense, Form, Step, apply_form, apply_steps};
use crate::channel::Channel;
use crate::error::QuantumError;
use crate::operator::{ZERO, check_kraus, check_unitary, conjugate, offsets};

/// Up to here a channel is one superoperator; beyond, a sum over its operators.
const SUPEROPERATOR_QUBITS: usize = 4;

/// A map on some targets, compiled for a density matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DensityAction {
    One(QubitMap),
    /// U on row bits, conj(U) on column bits.
    Unitary(Form, Form),
    Depolarize(f64),
    /// sum K (x) conj(K) on column bits, then row bits.
    Superoperator(Form),
    Sum(Vec<Vec<Complex64>>),
}

impl DensityAction {
    /// Of a unitary of the right size.
    pub(crate) fn unitary(matrix: &[Complex64], dimension: usize) -> Self {
        if dimension == 2 {
            return Self::One(QubitMap::of(&[matrix]));
        }
        let form = Form::of(matrix, dimension);
        let conjugate = form.conjugate();
        Self::Unitary(form, conjugate)
    }

    /// Of Kraus operators of the right size, complete.
    pub(crate) fn kraus(kraus: &[Vec<Complex64>], targets: usize) -> Self {
        match (targets, kraus) {
            (1, _) => Self::One(QubitMap::of(kraus)),
            (_, [unitary]) => Self::unitary(unitary, 1 << targets),
            (2..=SUPEROPERATOR_QUBITS, _) => {
                let d = 1usize << targets;
                Self::Superoperator(Form::of(&superoperator(kraus, d), d * d))
            }
            _ => Self::Sum(kraus.to_vec()),
        }
    }
}

impl DensityMatrix {
    /// rho -> U rho U^dagger; the first target is the least significant bit of the row-major matrix U.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or one that is not unitary within 1e-9.
    pub fn apply(&mut self, unitary: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        let dimension = check_unitary(OBJECT, unitary, targets)?;
        self.act(&DensityAction::unitary(unitary, dimension), targets);
        Ok(())
    }

    /// rho -> sum_k K_k rho K_k^dagger; the first target is the least significant bit of the row-major matrices.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or sum K^dagger K that is not I within 1e-9.
    pub fn apply_kraus(&mut self, kraus: &[Vec<Complex64>], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        check_kraus(OBJECT, kraus, targets)?;
        self.act(&DensityAction::kraus(kraus, targets.len()), targets);
        Ok(())
    }

    /// Applies a prepared operation.
    ///
    /// # Errors
    /// One prepared for a register of another size.
    pub fn apply_channel(&mut self, channel: &Channel) -> Result<(), QuantumError> {
        channel.check_register(OBJECT, self.qubits())?;
        self.act(channel.density(), channel.targets());
        Ok(())
    }

    #[inline]
    pub(crate) fn map_qubit(&mut self, target: usize, map: QubitMap) {
        sweep(&mut self.data, self.qubits, target, map);
    }

    pub(crate) fn act(&mut self, action: &DensityAction, targets: &[usize]) {
        match action {
            DensityAction::One(map) => self.map_qubit(targets[0], *map),
            DensityAction::Unitary(row, column) => {
                self.complete();
                let rows = self.row_bits(targets);
                apply_form(&mut self.data, row, &rows, 1);
                apply_form(&mut self.data, column, targets, 1);
            }
            DensityAction::Depolarize(p) => self.depolarize_together(*p, targets),
            DensityAction::Superoperator(form) => {
                self.complete();
                let bits: Vec<usize> = targets.iter().copied().chain(self.row_bits(targets)).collect();
                apply_form(&mut self.data, form, &bits, 1);
            }
            DensityAction::Sum(kraus) => {
                self.complete();
                let before = std::mem::take(&mut self.data);
                let mut sum = vec![ZERO; before.len()];
                let rows = self.row_bits(targets);
                for matrix in kraus {
                    let mut term = before.clone();
                    let dimension = 1 << targets.len();
                    Dense::new(matrix, dimension).apply(&mut term, &rows, 1);
                    Dense::new(&conjugate(matrix), dimension).apply(&mut term, targets, 1);
                    sum.iter_mut().zip(&term).for_each(|(sum, x)| *sum += x);
                }
                self.data = sum;
            }
        }
    }

    /// A gate made of steps that move, scale or mix two amplitudes.
    pub(crate) fn steps(&mut self, steps: &[Step], targets: &[usize]) {
        self.complete();
        let n = self.qubits;
        for step in steps {
            let rows: [usize; 4] = [0, 1, 2, 3].map(|k| targets.get(k).map_or(0, |t| t + n));
            apply_steps(&mut self.data, &[*step], &rows[..targets.len().min(4)], 1);
            apply_steps(&mut self.data, &[step.conjugate()], targets, 1);
        }
    }

    pub(super) fn depolarize_together(&mut self, p: f64, targets: &[usize]) {
        let (qubits, from_diagonal) = (self.qubits, self.is_half());
        if let ([a, b], false) = (targets, from_diagonal) {
            return small::depolarize_pair(&mut self.data, 1 << qubits, [1 << a, 1 << b], p);
        }
        complex::run(Depolarize { data: &mut self.data, n: 1 << qubits, p, targets, from_diagonal });
    }
}

/// rho -> (1-p) rho + p I/d (x) Tr rho: everything shrinks, and entries whose target bits agree gain their share of a trace.
struct Depolarize<'a> {
    data: &'a mut [Complex64],
    n: usize,
    p: f64,
    targets: &'a [usize],
    from_diagonal: bool,
}

impl Kernel for Depolarize<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { data, n, p, targets, from_diagonal } = self;
        let patterns = offsets(targets);
        let mask: usize = targets.iter().map(|t| 1 << t).sum();
        let run = mask & mask.wrapping_neg();
        let skip = mask | (run - 1);
        let (keep, share) = (1.0 - p, p / patterns.len() as f64);
        let (keep_v, share_v) = (l.real(keep), l.real(share));
        let mut trace = vec![ZERO; n];
        let mut row = 0;
        while row < n {
            let first = if from_diagonal { row & !(run - 1) } else { 0 };
            let mut column = first;
            while column < n {
                let sum = &mut trace[column..column + run];
                sum.fill(ZERO);
                for pattern in &patterns {
                    let entries = &data[(row + pattern) * n + column + pattern..][..run];
                    let ((sum, sum_rest), (entries, rest)) = (sum.as_chunks_mut::<2>(), entries.as_chunks::<2>());
                    for (s, x) in sum.iter_mut().zip(entries) {
                        l.store(l.add(l.load(s), l.load(x)), s);
                    }
                    for (s, x) in sum_rest.iter_mut().zip(rest) {
                        *s += x;
                    }
                }
                column = ((column | skip) + 1) & !skip;
            }
            for pattern in &patterns {
                let entries = &mut data[(row + pattern) * n..][..n];
                for x in entries[first & !1..].as_chunks_mut::<2>().0 {
                    l.store(l.mul(l.load(x), keep_v), x);
                }
                let mut column = first;
                while column < n {
                    let (entries, rest) = entries[column + pattern..][..run].as_chunks_mut::<2>();
                    let (sums, sums_rest) = trace[column..column + run].as_chunks::<2>();
                    for (x, s) in entries.iter_mut().zip(sums) {
                        l.store(l.add(l.load(x), l.mul(l.load(s), share_v)), x);
                    }
                    for (x, s) in rest.iter_mut().zip(sums_rest) {
                        *x += s * share;
                    }
                    column = ((column | skip) + 1) & !skip;
                }
            }
            row = ((row | mask) + 1) & !mask;
        }
    }
}

/// sum_k K_k (x) conj(K_k) on (row, column) bits, the column's least significant.
fn superoperator<K: AsRef<[Complex64]>>(kraus: &[K], d: usize) -> Vec<Complex64> {
    let mut map = vec![ZERO; d * d * d * d];
    for matrix in kraus.iter().map(AsRef::as_ref) {
        for to in 0..d {
            for from in (0..d).filter(|from| matrix[to * d + from] != ZERO) {
                for (to_column, from_column) in (0..d * d).map(|k| (k / d, k % d)) {
                    let entry = matrix[to * d + from] * matrix[to_column * d + from_column].conj();
                    map[(to * d + to_column) * d * d + from * d + from_column] += entry;
                }
            }
        }
    }
    map
}
