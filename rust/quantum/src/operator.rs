//! Operators on a few qubits: their algebra, their checks, and the indices they address.
//!
//! A density matrix of n qubits is stored row-major, so its index is a string of 2n bits, the row's above the column's.
//! Every linear map on it is a small matrix that acts on some of these bits: U rho is U on row bits, rho U^dagger is
//! conj(U) on column bits, a whole channel is its superoperator on both.

use num_complex::Complex64;

use crate::amplitudes::{Form, apply_form};
use crate::error::{QuantumError, number};
use crate::pauli::Pauli;

pub(crate) const ZERO: Complex64 = Complex64::new(0.0, 0.0);
pub(crate) const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// Applies a 2^k x 2^k row-major matrix to the index bits `bits` of `data`; `bits[0]` is the matrix's least significant.
pub(crate) fn apply_to_bits(data: &mut [Complex64], matrix: &[Complex64], bits: &[usize]) {
    apply_form(data, &Form::of(matrix, 1 << bits.len()), bits, 1);
}

/// The index of each value of the bits `bits`, all others zero.
pub(crate) fn offsets(bits: &[usize]) -> Vec<usize> {
    (0..1usize << bits.len()).map(|value| bits.iter().enumerate().map(|(k, bit)| ((value >> k) & 1) << bit).sum()).collect()
}

/// Calls `visit` for every index below `len` in which all of `bits` are zero.
pub(crate) fn for_each_base(len: usize, bits: &[usize], mut visit: impl FnMut(usize)) {
    let mask: usize = bits.iter().map(|bit| 1 << bit).sum();
    let mut base = 0;
    while base < len {
        visit(base);
        // Ones in the masked places carry the increment across them.
        base = ((base | mask) + 1) & !mask;
    }
}

/// conj(U), entry by entry.
pub(crate) fn conjugate(matrix: &[Complex64]) -> Vec<Complex64> {
    matrix.iter().map(Complex64::conj).collect()
}

/// A B for row-major square matrices of this dimension.
pub(crate) fn product(a: &[Complex64], b: &[Complex64], dimension: usize) -> Vec<Complex64> {
    let mut out = vec![ZERO; dimension * dimension];
    for (row, target) in a.chunks_exact(dimension).zip(out.chunks_exact_mut(dimension)) {
        for (factor, other) in row.iter().zip(b.chunks_exact(dimension)) {
            for (t, x) in target.iter_mut().zip(other) {
                *t += factor * x;
            }
        }
    }
    out
}

/// Adds A^dagger A to `sum`.
pub(crate) fn add_gram(sum: &mut [Complex64], matrix: &[Complex64], dimension: usize) {
    for row in matrix.chunks_exact(dimension) {
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                sum[i * dimension + j] += a.conj() * b;
            }
        }
    }
}

/// The largest entry of |A - I|.
pub(crate) fn distance_to_identity(matrix: &[Complex64], dimension: usize) -> f64 {
    let mut largest: f64 = 0.0;
    for (k, x) in matrix.iter().enumerate() {
        let wanted = if k % (dimension + 1) == 0 { ONE } else { ZERO };
        let distance = (x - wanted).norm_sqr().sqrt();
        if distance > largest || distance.is_nan() {
            largest = distance;
        }
    }
    largest
}

const TARGET_HINT: &str = "qubits are counted from 0, each named once";
/// Largest error of a unitary or a complete set that rounding explains.
const TOLERANCE: f64 = 1e-9;

/// Qubits inside a register, each at most once.
pub(crate) fn check_targets(object: &'static str, targets: &[usize], qubits: usize) -> Result<(), QuantumError> {
    if targets.is_empty() {
        return Err(QuantumError::new(object, "targets", "at least one qubit", "none", TARGET_HINT));
    }
    for (k, target) in targets.iter().enumerate() {
        if *target >= qubits {
            let range = format!("in [0, {}]", qubits - 1);
            return Err(QuantumError::new(object, format!("targets[{k}]"), range, target, TARGET_HINT));
        }
        if targets[..k].contains(target) {
            return Err(QuantumError::new(object, format!("targets[{k}]"), "a qubit not named before", target, TARGET_HINT));
        }
    }
    Ok(())
}

/// As many targets as the gate has.
pub(crate) fn check_count(object: &'static str, targets: &[usize], wanted: usize) -> Result<(), QuantumError> {
    if targets.len() == wanted {
        return Ok(());
    }
    let plural = if wanted == 1 { "1 qubit".to_owned() } else { format!("{wanted} qubits") };
    Err(QuantumError::new(object, "targets", plural, format!("{} of them", targets.len()), "as many as the gate has"))
}

/// 2^k for k targets, if the matrix is 2^k x 2^k.
fn check_size(object: &'static str, parameter: &str, matrix: &[Complex64], targets: &[usize]) -> Result<usize, QuantumError> {
    let dimension = 1usize << targets.len();
    if matrix.len() == dimension * dimension {
        return Ok(dimension);
    }
    let value = format!("{} entries", matrix.len());
    Err(QuantumError::new(object, parameter, format!("{dimension} x {dimension}"), value, "2^k x 2^k for k targets"))
}

/// The dimension of a unitary on these targets.
pub(crate) fn check_unitary(object: &'static str, unitary: &[Complex64], targets: &[usize]) -> Result<usize, QuantumError> {
    let dimension = check_size(object, "unitary", unitary, targets)?;
    let mut gram = vec![ZERO; dimension * dimension];
    add_gram(&mut gram, unitary, dimension);
    let distance = distance_to_identity(&gram, dimension);
    if distance.is_nan() || distance > TOLERANCE {
        let value = format!("an entry of U^dagger U - I of size {}", number(distance));
        return Err(QuantumError::new(object, "unitary", "unitary", value, "apply_kraus takes other maps"));
    }
    Ok(dimension)
}

/// Kraus operators on these targets whose probabilities sum to 1.
pub(crate) fn check_kraus<K: AsRef<[Complex64]>>(
    object: &'static str,
    kraus: &[K],
    targets: &[usize],
) -> Result<(), QuantumError> {
    let dimension = 1usize << targets.len();
    let mut gram = vec![ZERO; dimension * dimension];
    for (k, matrix) in kraus.iter().map(AsRef::as_ref).enumerate() {
        check_size(object, &format!("kraus[{k}]"), matrix, targets)?;
        add_gram(&mut gram, matrix, dimension);
    }
    let distance = distance_to_identity(&gram, dimension);
    if distance.is_nan() || distance > TOLERANCE {
        let value = format!("an entry of sum K^dagger K - I of size {}", number(distance));
        return Err(QuantumError::new(object, "kraus", "complete", value, "probabilities must sum to 1"));
    }
    Ok(())
}

/// A Pauli string as masks over the qubits: P|k> = i^count_y (-1)^|k & phase| |k ^ flip>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PauliWord {
    pub flip: usize,
    pub phase: usize,
    pub count_y: u32,
}

impl PauliWord {
    /// Of a product of Paulis on distinct qubits.
    pub(crate) fn of(product: &[(usize, Pauli)]) -> Self {
        let mut word = Self { flip: 0, phase: 0, count_y: 0 };
        for (qubit, pauli) in product {
            word.flip |= usize::from(pauli.has_x()) << qubit;
            word.phase |= usize::from(pauli.has_z()) << qubit;
            word.count_y += u32::from(pauli.has_x() && pauli.has_z());
        }
        word
    }

    /// The entry <k|P|k ^ flip>.
    #[inline]
    pub(crate) fn image(self, k: usize) -> Complex64 {
        let from = k ^ self.flip;
        let turn = (self.count_y + 2 * ((from & self.phase).count_ones() % 2)) % 4;
        [ONE, Complex64::new(0.0, 1.0), -ONE, Complex64::new(0.0, -1.0)][turn as usize]
    }
}

/// Character k acts on qubit k; "_" and "I" read alike.
pub(crate) fn parse_paulis(object: &'static str, paulis: &str, qubits: usize) -> Result<PauliWord, QuantumError> {
    let hint = "one of I, _, X, Y, Z for each qubit";
    if paulis.chars().count() != qubits {
        return Err(QuantumError::new(object, "paulis", format!("{qubits} characters"), format!("'{paulis}'"), hint));
    }
    let mut word = PauliWord { flip: 0, phase: 0, count_y: 0 };
    for (k, letter) in paulis.chars().enumerate() {
        let bit = 1 << k;
        match letter {
            'I' | '_' => {}
            'X' => word.flip |= bit,
            'Z' => word.phase |= bit,
            'Y' => {
                word.flip |= bit;
                word.phase |= bit;
                word.count_y += 1;
            }
            _ => return Err(QuantumError::new(object, "paulis", "of the letters I _ X Y Z", format!("'{letter}'"), hint)),
        }
    }
    Ok(word)
}
