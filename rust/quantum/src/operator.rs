//! Operators on a few qubits, and the one kernel that applies them to a vector of amplitudes.
//!
//! A density matrix of n qubits is stored row-major, so its index is a string of 2n bits, the row's above the column's.
//! Every linear map on it is a small matrix that acts on some of these bits: U rho is U on row bits, rho U^dagger is
//! conj(U) on column bits, a whole channel is its superoperator on both.

use num_complex::Complex64;

pub(crate) const ZERO: Complex64 = Complex64::new(0.0, 0.0);
pub(crate) const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// Applies a 2^k x 2^k row-major matrix to the index bits `bits` of `data`; `bits[0]` is the matrix's least significant.
pub(crate) fn apply_to_bits(data: &mut [Complex64], matrix: &[Complex64], bits: &[usize]) {
    match *bits {
        [bit] => apply_to_bit(data, matrix, bit),
        _ => apply_to_many(data, matrix, bits),
    }
}

fn apply_to_bit(data: &mut [Complex64], matrix: &[Complex64], bit: usize) {
    let stride = 1 << bit;
    let (m00, m01, m10, m11) = (matrix[0], matrix[1], matrix[2], matrix[3]);
    for block in data.chunks_exact_mut(2 * stride) {
        let (low, high) = block.split_at_mut(stride);
        for (a, b) in low.iter_mut().zip(high) {
            (*a, *b) = (m00 * *a + m01 * *b, m10 * *a + m11 * *b);
        }
    }
}

fn apply_to_many(data: &mut [Complex64], matrix: &[Complex64], bits: &[usize]) {
    let offsets = offsets(bits);
    let dimension = offsets.len();
    let mut gathered = vec![ZERO; dimension];
    for_each_base(data.len(), bits, |base| {
        for (slot, offset) in gathered.iter_mut().zip(&offsets) {
            *slot = data[base + offset];
        }
        for (row, offset) in matrix.chunks_exact(dimension).zip(&offsets) {
            data[base + offset] = row.iter().zip(&gathered).map(|(m, x)| m * x).sum();
        }
    });
}

/// The index of each value of the bits `bits`, all others zero.
pub(crate) fn offsets(bits: &[usize]) -> Vec<usize> {
    (0..1usize << bits.len()).map(|value| bits.iter().enumerate().map(|(k, bit)| ((value >> k) & 1) << bit).sum()).collect()
}

/// Calls `visit` for every index below `len` in which all of `bits` are zero.
pub(crate) fn for_each_base(len: usize, bits: &[usize], mut visit: impl FnMut(usize)) {
    let mut sorted = bits.to_vec();
    sorted.sort_unstable();
    for compressed in 0..len >> bits.len() {
        let mut base = compressed;
        for bit in &sorted {
            let low = base & ((1 << bit) - 1);
            base = ((base - low) << 1) | low;
        }
        visit(base);
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
