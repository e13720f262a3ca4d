//! A chain in numbers: steps of time, probabilities, correlations and decay per step. Nothing here is a device any more.
//!
//! ```text
//!   node 0      node 1      node 2            links[k] joins nodes k and k + 1
//!     o--links[0]--o--links[1]--o  ...        swaps[k] is the swap at node k + 1
//! ```
//!
//! A pair is carried as its weight and its three correlations, (1, <XX>, -<YY>, <ZZ>): a swap multiplies them entry by
//! entry, Pauli decay shrinks each by a factor per step, and distillation is bilinear in them.

use ebit_quantum::{BellDiagonal, Distillation};

/// (1, x, y, z): a weight and the correlations that go with it.
pub type Quad = [f64; 4];

/// One elementary link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Probability that an attempt heralds a pair.
    pub success: f64,
    /// The duration of an attempt that succeeds.
    pub long: u64,
    /// The duration of one that fails, and how likely it is to take `long` all the same.
    pub short: u64,
    pub long_if_failed: f64,
    /// The pair at its herald, already aged by the herald age.
    pub pair: Quad,
}

/// One swap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swap {
    pub success: f64,
    /// v of rho -> v rho + (1-v) I/4.
    pub visibility: f64,
    pub duration: u64,
}

/// The whole chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Seconds per step.
    pub step_s: f64,
    pub links: Vec<Link>,
    pub swaps: Vec<Swap>,
    /// Rates (1/s) at which a stored qubit of each node loses (nothing, x, y, z).
    pub rates: Vec<Quad>,
    /// End qubits are measured at their own heralds and do not age.
    pub ends_measured: bool,
    /// Where memories relax towards |0>, the (<ZI>, <IZ>) of each link's pair at its herald: then z is no longer a product
    /// (`relaxation`). None: all that waiting does is to shrink correlations.
    pub tilts: Option<Vec<[f64; 2]>>,
}

impl Numbers {
    pub fn segments(&self) -> usize {
        self.links.len()
    }

    /// Rates (1/step) of a half stored at this node; a measured end loses nothing.
    pub fn rates_at(&self, node: usize) -> Quad {
        let measured = self.ends_measured && (node == 0 || node == self.segments());
        if measured { [0.0; 4] } else { self.rates[node].map(|r| r * self.step_s) }
    }

    /// Rates (1/step) of a pair whose halves are stored at these nodes.
    pub fn pair_rates(&self, left: usize, right: usize) -> Quad {
        let (left, right) = (self.rates_at(left), self.rates_at(right));
        std::array::from_fn(|k| left[k] + right[k])
    }

    /// Whether x, y and z are always equal, so that one of them will do.
    pub fn is_isotropic(&self) -> bool {
        let same = |q: &Quad| q[1] == q[2] && q[2] == q[3];
        self.tilts.is_none() && self.links.iter().all(|l| same(&l.pair)) && self.rates.iter().all(same)
    }
}

/// The kept pair of a distillation as a bilinear form: `form[k][a][b]` is the share of (left a)(right b) in entry k, not
/// divided by the success probability, which is entry 0.
pub fn distillation_form(protocol: Distillation) -> [[Quad; 4]; 4] {
    // Known on the sixteen pairs of Bell states; linear in each argument's weights.
    let corner = |k: usize| BellDiagonal::new(std::array::from_fn(|j| f64::from(j == k)));
    let signs: [Quad; 4] = [[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]];
    let mut form = [[[0.0; 4]; 4]; 4];
    for i in 0..4 {
        for j in 0..4 {
            let (Ok(left), Ok(right)) = (corner(i), corner(j)) else { continue };
            let (probability, kept) = left.distill(&right, protocol);
            let t = kept.correlations();
            let out = [probability, probability * t.x, probability * t.y, probability * t.z];
            // A weight is a quarter of the signed sum of the four entries.
            for (k, entry) in out.into_iter().enumerate() {
                for a in 0..4 {
                    for b in 0..4 {
                        form[k][a][b] += entry * signs[i][a] * signs[j][b] / 16.0;
                    }
                }
            }
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_reproduces_distillation() {
        for protocol in [Distillation::Dejmps, Distillation::Bbpssw] {
            let form = distillation_form(protocol);
            let (a, b) = (BellDiagonal::new([0.7, 0.1, 0.15, 0.05]).unwrap(), BellDiagonal::new([0.6, 0.2, 0.1, 0.1]).unwrap());
            let quad = |p: &BellDiagonal| {
                let t = p.correlations();
                [1.0, t.x, t.y, t.z]
            };
            let (qa, qb) = (quad(&a), quad(&b));
            let out: Quad = std::array::from_fn(|k| {
                (0..4).flat_map(|i| (0..4).map(move |j| (i, j))).map(|(i, j)| form[k][i][j] * qa[i] * qb[j]).sum()
            });
            let (probability, kept) = a.distill(&b, protocol);
            assert!((out[0] - probability).abs() < 1e-15);
            let t = kept.correlations();
            for (got, wanted) in out[1..].iter().zip([t.x, t.y, t.z]) {
                assert!((got / probability - wanted).abs() < 1e-14);
            }
        }
    }
}
