//! Named noise of a density matrix, each in one pass.

use super::apply::DensityAction;
use super::qubit_map::QubitMap;
use super::{DensityMatrix, OBJECT, TOLERANCE};
use crate::error::{QuantumError, number};
use crate::noise::Noise;
use crate::operator;

const FLIP_HINT: &str = "of a phase flip; 0.5 leaves no coherence";
const GAMMA_HINT: &str = "of a fall from |1> to |0>";

impl DensityMatrix {
    /// rho -> (1-p) rho + p Tr_targets(rho) (x) I/d on the named qubits together.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn depolarize(&mut self, p: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "the weight of I/d; Stim's DEPOLARIZE1(q) has p = 4q/3")?;
        self.check_targets(targets)?;
        match *targets {
            [target] => self.map_qubit(target, QubitMap::depolarize(p)),
            _ => self.depolarize_together(p, targets),
        }
        Ok(())
    }

    /// rho -> (1-p) rho + p Z rho Z on each target.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn dephase(&mut self, p: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, FLIP_HINT)?;
        self.each(targets, QubitMap::phase(1.0 - 2.0 * p))
    }

    /// Each target exchanges energy with a bath with probability `gamma`: towards |1> with weight `excited`.
    ///
    /// # Errors
    /// `gamma` or `excited` outside [0, 1], or targets outside the register.
    pub fn amplitude_damp_towards(&mut self, gamma: f64, excited: f64, targets: &[usize]) -> Result<(), QuantumError> {
        let gamma = QuantumError::probability(OBJECT, "gamma", gamma, GAMMA_HINT)?;
        let excited = QuantumError::probability(OBJECT, "excited_population", excited, "of |1> in equilibrium")?;
        self.each(targets, QubitMap::relax(1.0 - gamma, (1.0 - gamma).sqrt(), excited))
    }

    /// Each target falls from |1> to |0> with probability `gamma`.
    ///
    /// # Errors
    /// `gamma` outside [0, 1], or targets outside the register.
    pub fn amplitude_damp(&mut self, gamma: f64, targets: &[usize]) -> Result<(), QuantumError> {
        self.amplitude_damp_towards(gamma, 0.0, targets)
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
        self.each(targets, QubitMap::relax(population, coherence, 0.0))
    }

    /// A memory for a time: populations relax with T1 towards `excited_population` of |1>, coherences shrink with T2 (total).
    ///
    /// # Errors
    /// What [`Noise::thermal_relaxation`] refuses, or targets outside the register.
    pub fn thermal_relax(
        &mut self,
        time_s: f64,
        t1_s: f64,
        t2_s: f64,
        excited_population: f64,
        targets: &[usize],
    ) -> Result<(), QuantumError> {
        let noise = Noise::thermal_relaxation(time_s, t1_s, t2_s, excited_population).map_err(|e| e.of(OBJECT))?;
        self.each(targets, QubitMap::of(&noise.kraus()))
    }

    /// Pauli errors on all targets together: digit k in base 4 of an index is the Pauli (I X Y Z) on target k.
    ///
    /// # Errors
    /// Probabilities that are not 4^k for k targets or do not sum to 1, or targets outside the register.
    pub fn pauli_channel(&mut self, probabilities: &[f64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        let noise = Noise::pauli(probabilities.to_vec()).map_err(|e| e.of(OBJECT))?;
        operator::check_count(OBJECT, targets, noise.qubits())?;
        match (probabilities, targets) {
            ([_, x, y, z], [target]) => self.map_qubit(*target, QubitMap::pauli(*x, *y, *z)),
            ([_, p, rest @ ..], _) if rest.iter().all(|q| q == p) => {
                self.depolarize_together(p * probabilities.len() as f64, targets);
            }
            _ => self.act(&DensityAction::kraus(&noise.kraus(), targets.len()), targets),
        }
        Ok(())
    }

    fn each(&mut self, targets: &[usize], map: QubitMap) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        for target in targets {
            self.map_qubit(*target, map);
        }
        Ok(())
    }
}
