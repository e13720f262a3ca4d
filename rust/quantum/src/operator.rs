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
    match (bits, <&[Complex64; 16]>::try_from(matrix)) {
        ([low, high], Ok(matrix)) if low < high => apply_to_quads(data, matrix, *low, *high),
        _ => apply_to_many(data, matrix, bits),
    }
}

/// Calls `visit` with the four entries that differ in two bits only: 00, 01, 10, 11, the higher bit first.
pub(crate) fn for_each_quad(data: &mut [Complex64], low: usize, high: usize, mut visit: impl FnMut([&mut Complex64; 4])) {
    for block in data.chunks_exact_mut(2 << high) {
        let (zeros, ones) = block.split_at_mut(1 << high);
        for (zeros, ones) in zeros.chunks_exact_mut(2 << low).zip(ones.chunks_exact_mut(2 << low)) {
            let (a, b) = zeros.split_at_mut(1 << low);
            let (c, d) = ones.split_at_mut(1 << low);
            for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
                visit([a, b, c, d]);
            }
        }
    }
}

/// The map of one qubit. Most channels never mix populations (00, 11) with coherences (01, 10): half the products.
fn apply_to_quads(data: &mut [Complex64], m: &[Complex64; 16], low: usize, high: usize) {
    if [1, 2, 4, 7, 8, 11, 13, 14].into_iter().all(|k| m[k] == ZERO) {
        for_each_quad(data, low, high, |[a, b, c, d]| {
            (*a, *d) = (m[0] * *a + m[3] * *d, m[12] * *a + m[15] * *d);
            (*b, *c) = (m[5] * *b + m[6] * *c, m[9] * *b + m[10] * *c);
        });
    } else {
        for_each_quad(data, low, high, |[a, b, c, d]| {
            let x = [*a, *b, *c, *d];
            let row = |k: usize| m[k] * x[0] + m[k + 1] * x[1] + m[k + 2] * x[2] + m[k + 3] * x[3];
            (*a, *b, *c, *d) = (row(0), row(4), row(8), row(12));
        });
    }
}

fn apply_to_many(data: &mut [Complex64], matrix: &[Complex64], bits: &[usize]) {
    let offsets = offsets(bits);
    let dimension = offsets.len();
    // Channels are mostly zeros: a row becomes the list of what is not.
    let mut entries: Vec<(usize, Complex64)> = Vec::with_capacity(matrix.len());
    let mut ends = Vec::with_capacity(dimension);
    for row in matrix.chunks_exact(dimension) {
        entries.extend(row.iter().copied().enumerate().filter(|(_, m)| *m != ZERO));
        ends.push(entries.len());
    }
    let mut gathered = vec![ZERO; dimension];
    for_each_base(data.len(), bits, |base| {
        for (slot, offset) in gathered.iter_mut().zip(&offsets) {
            *slot = data[base + offset];
        }
        let mut start = 0;
        for (end, offset) in ends.iter().zip(&offsets) {
            data[base + offset] = entries[start..*end].iter().map(|(column, m)| m * gathered[*column]).sum();
            start = *end;
        }
    });
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
