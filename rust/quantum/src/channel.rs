//! What happens to a density matrix: gates and noise.

use num_complex::Complex64;

use crate::density::{DensityMatrix, OBJECT, TOLERANCE};
use crate::error::{QuantumError, number};
use crate::operator::{ZERO, add_gram, apply_to_bits, conjugate, distance_to_identity, for_each_base, for_each_quad, offsets};

const HALF_ROOT: f64 = std::f64::consts::FRAC_1_SQRT_2;

const fn real(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

const I: Complex64 = Complex64::new(0.0, 1.0);
const MINUS_I: Complex64 = Complex64::new(0.0, -1.0);
const H: [Complex64; 4] = [real(HALF_ROOT), real(HALF_ROOT), real(HALF_ROOT), real(-HALF_ROOT)];
const X: [Complex64; 4] = [ZERO, real(1.0), real(1.0), ZERO];
const Y: [Complex64; 4] = [ZERO, MINUS_I, I, ZERO];

impl DensityMatrix {
    /// rho -> U rho U^dagger; the first target is the least significant bit of the row-major matrix U.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or one that is not unitary within 1e-9.
    pub fn apply(&mut self, unitary: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        let dimension = check_size("unitary", unitary, targets)?;
        let mut gram = vec![ZERO; dimension * dimension];
        add_gram(&mut gram, unitary, dimension);
        let distance = distance_to_identity(&gram, dimension);
        if distance.is_nan() || distance > TOLERANCE {
            let value = format!("an entry of U^dagger U - I of size {}", number(distance));
            return Err(QuantumError::new(OBJECT, "unitary", "unitary", value, "apply_kraus takes other maps"));
        }
        self.apply_unchecked(unitary, targets);
        Ok(())
    }

    fn apply_unchecked(&mut self, matrix: &[Complex64], targets: &[usize]) {
        let rows = self.row_bits(targets);
        if let [target] = *targets {
            let map = superoperator(&[matrix], 2);
            return apply_to_bits(&mut self.data, &map, &[target, rows[0]]);
        }
        apply_to_bits(&mut self.data, matrix, &rows);
        apply_to_bits(&mut self.data, &conjugate(matrix), targets);
    }

    /// rho -> sum_k K_k rho K_k^dagger; the first target is the least significant bit of the row-major matrices.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or sum K^dagger K that is not I within 1e-9.
    pub fn apply_kraus(&mut self, kraus: &[Vec<Complex64>], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        let dimension = 1 << targets.len();
        let mut gram = vec![ZERO; dimension * dimension];
        for (k, matrix) in kraus.iter().enumerate() {
            check_size(&format!("kraus[{k}]"), matrix, targets)?;
            add_gram(&mut gram, matrix, dimension);
        }
        let distance = distance_to_identity(&gram, dimension);
        if distance.is_nan() || distance > TOLERANCE {
            let value = format!("an entry of sum K^dagger K - I of size {}", number(distance));
            return Err(QuantumError::new(OBJECT, "kraus", "complete", value, "probabilities must sum to 1"));
        }
        if targets.len() <= 2 {
            let bits: Vec<usize> = targets.iter().copied().chain(self.row_bits(targets)).collect();
            apply_to_bits(&mut self.data, &superoperator(kraus, dimension), &bits);
            return Ok(());
        }
        let before = self.clone();
        self.data.fill(ZERO);
        for matrix in kraus {
            let mut term = before.clone();
            term.apply_unchecked(matrix, targets);
            self.data.iter_mut().zip(&term.data).for_each(|(sum, x)| *sum += x);
        }
        Ok(())
    }

    /// rho -> (1-p) rho + p Tr_targets(rho) (x) I/d on the named qubits together.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn depolarize(&mut self, p: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "the weight of I/d; Stim's DEPOLARIZE1(q) has p = 4q/3")?;
        self.check_targets(targets)?;
        if let [target] = *targets {
            let (keep, half, row) = (1.0 - p, 0.5 * p, target + self.qubits());
            for_each_quad(&mut self.data, target, row, |[a, b, c, d]| {
                let trace = (*a + *d) * half;
                (*a, *d) = (*a * keep + trace, *d * keep + trace);
                *b *= keep;
                *c *= keep;
            });
            return Ok(());
        }
        let (rows, columns) = (offsets(&self.row_bits(targets)), offsets(targets));
        let share = p / rows.len() as f64;
        let bits: Vec<usize> = targets.iter().copied().chain(self.row_bits(targets)).collect();
        let data = &mut self.data;
        let len = data.len();
        for_each_base(len, &bits, |base| {
            let trace: Complex64 = rows.iter().zip(&columns).map(|(r, c)| data[base + r + c]).sum();
            for (i, r) in rows.iter().enumerate() {
                for (j, c) in columns.iter().enumerate() {
                    let x = &mut data[base + r + c];
                    *x = *x * (1.0 - p) + if i == j { trace * share } else { ZERO };
                }
            }
        });
        Ok(())
    }

    /// rho -> (1-p) rho + p Z rho Z on each target.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn dephase(&mut self, p: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "of a phase flip; 0.5 leaves no coherence")?;
        self.check_targets(targets)?;
        for target in targets {
            self.relax_bit(*target, 1.0, 1.0 - 2.0 * p);
        }
        Ok(())
    }

    /// Each target falls from |1> to |0> with probability `gamma`.
    ///
    /// # Errors
    /// `gamma` outside [0, 1], or targets outside the register.
    pub fn amplitude_damp(&mut self, gamma: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let gamma = QuantumError::probability(OBJECT, "gamma", gamma, "of a fall from |1> to |0>")?;
        self.check_targets(targets)?;
        for target in targets {
            self.relax_bit(*target, 1.0 - gamma, (1.0 - gamma).sqrt());
        }
        Ok(())
    }

    /// Memory of each target: z relaxes towards |0> with `population` = e^(-t/T1), x and y shrink by `coherence` = e^(-t/T2).
    ///
    /// # Errors
    /// Factors outside [0, 1], a coherence above sqrt(population) (T2 > 2 T1), or targets outside the register.
    pub fn relax(&mut self, population: f64, coherence: f64, targets: &[usize]) -> Result<(), QuantumError> {
        QuantumError::probability(OBJECT, "population", population, "e^(-t/T1)")?;
        QuantumError::probability(OBJECT, "coherence", coherence, "e^(-t/T2)")?;
        if coherence * coherence > population * (1.0 + TOLERANCE) {
            let range = format!("<= sqrt(population) = {}", number(population.sqrt()));
            return Err(QuantumError::new(OBJECT, "coherence", range, number(coherence), "T2 <= 2 T1"));
        }
        self.check_targets(targets)?;
        for target in targets {
            self.relax_bit(*target, population, coherence);
        }
        Ok(())
    }

    fn relax_bit(&mut self, target: usize, population: f64, coherence: f64) {
        let row = target + self.qubits();
        for_each_quad(&mut self.data, target, row, |[ground, b, c, excited]| {
            *ground += *excited * (1.0 - population);
            *excited *= population;
            *b *= coherence;
            *c *= coherence;
        });
    }

    /// Hadamard gate.
    ///
    /// # Errors
    /// A qubit outside the register; the same for all gates below.
    pub fn h(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&H, qubit)
    }

    pub fn x(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&X, qubit)
    }

    pub fn y(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&Y, qubit)
    }

    pub fn z(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&[real(1.0), ZERO, ZERO, real(-1.0)], qubit)
    }

    pub fn s(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&[real(1.0), ZERO, ZERO, I], qubit)
    }

    pub fn s_dag(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(&[real(1.0), ZERO, ZERO, MINUS_I], qubit)
    }

    fn gate(&mut self, matrix: &[Complex64; 4], qubit: usize) -> Result<(), QuantumError> {
        self.check_targets(&[qubit])?;
        self.apply_unchecked(matrix, &[qubit]);
        Ok(())
    }

    /// Flips `target` if `control` is 1.
    pub fn cx(&mut self, control: usize, target: usize) -> Result<(), QuantumError> {
        self.check_targets(&[control, target])?;
        let (len, n) = (self.data.len(), self.qubits());
        for shift in [0, n] {
            for_each_base(len, &[control + shift, target + shift], |base| {
                let one = base + (1 << (control + shift));
                self.data.swap(one, one + (1 << (target + shift)));
            });
        }
        Ok(())
    }

    /// Flips the sign of |11>.
    pub fn cz(&mut self, a: usize, b: usize) -> Result<(), QuantumError> {
        self.check_targets(&[a, b])?;
        let n = self.qubits();
        for (k, x) in self.data.iter_mut().enumerate() {
            if ((k >> a) & (k >> b) ^ (k >> (a + n)) & (k >> (b + n))) & 1 == 1 {
                *x = -*x;
            }
        }
        Ok(())
    }
}

fn check_size(parameter: &str, matrix: &[Complex64], targets: &[usize]) -> Result<usize, QuantumError> {
    let dimension = 1usize << targets.len();
    if matrix.len() == dimension * dimension {
        return Ok(dimension);
    }
    let value = format!("{} entries", matrix.len());
    Err(QuantumError::new(OBJECT, parameter, format!("{dimension} x {dimension}"), value, "2^k x 2^k for k targets"))
}

/// sum_k K_k (x) conj(K_k) on (row, column) bits, the column's least significant.
fn superoperator<K: AsRef<[Complex64]>>(kraus: &[K], d: usize) -> Vec<Complex64> {
    let mut map = vec![ZERO; d * d * d * d];
    for matrix in kraus.iter().map(AsRef::as_ref) {
        for (out, entry) in map.iter_mut().enumerate() {
            let (to, from) = (out / (d * d), out % (d * d));
            *entry += matrix[(to / d) * d + from / d] * matrix[(to % d) * d + from % d].conj();
        }
    }
    map
}
