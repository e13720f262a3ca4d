//! Memories that herald, photon by photon: at both ends of a pair source, or at the end of an emitter's fibre.
//!
//! Light is a sum over the photon numbers (h, v) of the two polarisations, the same at both nodes. What a node does to it is
//! a matrix between the numbers it may have been sent, summed from amplitudes of occupation numbers: creation operators
//! through loss and beam splitter, detectors that weigh occupations, annihilation of the photon that becomes the qubit.
//!
//! ```text
//!     node A: [matrix] ===== sum of amplitudes |h,v> |h,v> ===== node B: [matrix]
//! ```
//!
//! Spin and polarisation: 0 is H, 1 is V. Patterns of clicks are summed over, each with its correction.

use std::collections::BTreeMap;

use num_complex::Complex64;

use crate::fock::Fock;
use crate::heralding::Heralded;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);

/// Light with as many photons on side A as on side B: a mixture of superpositions of |h,v>|h,v>.
#[derive(Debug, Clone)]
pub struct Pairs {
    branches: Vec<(f64, Vec<(Numbers, f64)>)>,
    /// Rotations of side B's light, each with its probability.
    turns: Vec<(f64, Turn)>,
}

/// A Pauli rotation of the polarisation of one side's light.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// H and V change places.
    exchange: bool,
    /// V changes its sign.
    sign: bool,
}

/// Photons in H and in V.
type Numbers = [usize; 2];

impl Pairs {
    /// The two-mode squeezed vacuum of each polarisation with `lambda` pairs in the mean, cut above `most` pairs in all.
    pub fn squeezed(lambda: f64, most: usize) -> Self {
        let amplitude = |n: usize| (0..n).fold(1.0 / (1.0 + lambda), |p, _| p * lambda / (1.0 + lambda)).sqrt();
        let numbers = (0..=most).flat_map(|h| (0..=most - h).map(move |v| [h, v]));
        Self::unturned(vec![(1.0, numbers.map(|n| (n, amplitude(n[0]) * amplitude(n[1]))).collect())])
    }

    /// One pair (|H,H> + |V,V>)/sqrt 2, or nothing.
    pub fn single(probability: f64) -> Self {
        let pair = vec![([1, 0], 0.5f64.sqrt()), ([0, 1], 0.5f64.sqrt())];
        Self::unturned(vec![(1.0 - probability, vec![([0, 0], 1.0)]), (probability, pair)])
    }

    fn unturned(branches: Vec<(f64, Vec<(Numbers, f64)>)>) -> Self {
        Self { branches, turns: vec![(1.0, Turn { exchange: false, sign: false })] }
    }

    /// The same light, with side B turned at random so that single pairs are Werner pairs of this fidelity.
    #[must_use]
    pub fn of_fidelity(mut self, fidelity: f64) -> Self {
        let wrong = (1.0 - fidelity) / 3.0;
        self.turns = [(false, false), (false, true), (true, false), (true, true)]
            .map(|(exchange, sign)| (if exchange || sign { wrong } else { fidelity }, Turn { exchange, sign }))
            .to_vec();
        self
    }

    /// Sums over all numbers; `node(side, ket, bra)` is what the node leaves of |ket><bra|, as a 2 x 2 matrix per pattern.
    fn meet(&self, patterns: &[Pattern], node: impl Fn(usize, usize, Numbers, Numbers) -> [[Complex64; 2]; 2]) -> Heralded {
        let mut total = Heralded::NEVER;
        for (weight, terms) in &self.branches {
            for (ket, x) in terms {
                for (bra, y) in terms {
                    // Every photon but the qubit's is seen or lost, so its number is known: nothing else can interfere.
                    if ket[0].abs_diff(bra[0]) > 1 || ket[1].abs_diff(bra[1]) > 1 || ket[0] + ket[1] != bra[0] + bra[1] {
                        continue;
                    }
                    for (pattern, (chance, turn)) in patterns.iter().flat_map(|p| self.turns.iter().map(move |t| (p, t))) {
                        let turned = |n: &Numbers| if turn.exchange { [n[1], n[0]] } else { *n };
                        let odd = turn.sign && (ket[1] + bra[1]) % 2 == 1;
                        let chance = if odd { -chance } else { *chance };
                        let left = node(0, pattern.of[0], *ket, *bra);
                        let right = node(1, pattern.of[1], turned(ket), turned(bra));
                        let mut term = Heralded::NEVER;
                        for (i, row) in term.state.iter_mut().enumerate() {
                            for (j, value) in row.iter_mut().enumerate() {
                                // Z on B where the pattern asks for it.
                                let sign = if pattern.odd && (i ^ j) >> 1 == 1 { -1.0 } else { 1.0 };
                                *value = left[i & 1][j & 1] * right[i >> 1][j >> 1] * (sign * x * y * chance);
                            }
                        }
                        term.probability = (0..4).map(|k| term.state[k][k].re).sum();
                        total.add(*weight, &term);
                    }
                }
            }
        }
        total
    }
}

/// The clicks of both nodes, by number, and whether they ask for a correction.
struct Pattern {
    of: [usize; 2],
    odd: bool,
}

/// The detectors of a node.
#[derive(Debug, Clone, Copy)]
pub struct Clicks {
    pub dark: f64,
    pub number_resolving: bool,
}

impl Clicks {
    /// Probability of a click that counts for one.
    fn yes(&self, photons: u8) -> f64 {
        match (photons, self.number_resolving) {
            (0, _) => self.dark,
            (1, true) => 1.0 - self.dark,
            (_, true) => 0.0,
            (_, false) => 1.0,
        }
    }

    fn no(&self, photons: u8) -> f64 {
        if photons == 0 { 1.0 - self.dark } else { 0.0 }
    }
}

/// A node with an emitting memory, and the beam splitter where its photon meets the source's.
#[derive(Debug, Clone, Copy)]
pub struct Emitting {
    pub clicks: Clicks,
    /// Probability that a photon of the memory, of the source, is detected.
    pub eta: [f64; 2],
    pub visibility: f64,
}

impl Emitting {
    /// One polarisation with or without the memory's photon and with n of the source.
    /// Modes: D0 and D1, the same for light the source's photons know nothing of, both losses.
    fn bin(&self, memory: usize, source: usize) -> Fock {
        let [m, s] = self.eta.map(|eta| (0.5 * eta).sqrt());
        let [lost_m, lost_s] = self.eta.map(|eta| (1.0 - eta).sqrt());
        let (same, other) = (self.visibility.sqrt(), (1.0 - self.visibility).sqrt());
        let of_memory = [(0, same * m), (1, same * m), (2, other * m), (3, other * m), (4, lost_m)];
        let of_source = [(0, s), (1, -s), (5, lost_s)];
        Fock::vacuum(6).create_many(&of_memory, memory).create_many(&of_source, source)
    }

    /// <bra| exactly detector `which` clicks |ket> for each (memory's photon, source's photons) below `most` + 1.
    fn effects(&self, most: usize) -> [Vec<Vec<Complex64>>; 2] {
        let fields: Vec<Fock> = (0..2 * (most + 1)).map(|k| self.bin(k & 1, k >> 1)).collect();
        [0, 1].map(|which| {
            let weight = |n: &[u8]| {
                let photons = [n[0] + n[2], n[1] + n[3]];
                self.clicks.yes(photons[which]) * self.clicks.no(photons[1 - which])
            };
            fields.iter().map(|ket| fields.iter().map(|bra| ket.weighed(bra, weight)).collect()).collect()
        })
    }
}

/// Both nodes have emitting memories (|0>|H> + |1>|V>)/sqrt 2; one click in each polarisation of each node.
pub fn emissive(pairs: &Pairs, nodes: &[Emitting; 2]) -> Heralded {
    let most = pairs.branches.iter().flat_map(|b| &b.1).map(|(n, _)| n[0].max(n[1])).max().unwrap_or(0);
    let effects = nodes.map(|node| node.effects(most));
    // Two bits a node: the detector that clicked in H, in V.
    let patterns: Vec<Pattern> =
        (0..16u32).map(|k| Pattern { of: [(k & 3) as usize, (k >> 2) as usize], odd: k.count_ones() % 2 == 1 }).collect();
    pairs.meet(&patterns, |side, pattern, ket, bra| {
        let mut out = [[ZERO; 2]; 2];
        for (spin, row) in out.iter_mut().enumerate() {
            for (other, value) in row.iter_mut().enumerate() {
                let bin = |mode: usize| {
                    let photon = |spin: usize| usize::from(spin == mode);
                    let effect = &effects[side][pattern >> mode & 1];
                    effect[2 * ket[mode] + photon(spin)][2 * bra[mode] + photon(other)]
                };
                *value = bin(0) * bin(1) * 0.5;
            }
        }
        out
    })
}

/// A node whose memory stores photons and announces it.
#[derive(Debug, Clone, Copy)]
pub struct Absorbing {
    pub clicks: Clicks,
    /// Probability that a photon that was sent is stored.
    pub stored: f64,
    /// Probability that a stored photon announces itself.
    pub announced: f64,
}

impl Absorbing {
    /// Where a photon of this polarisation and label ends: announced, stored in silence, lost.
    fn photon(&self, polarisation: usize, label: usize) -> [(usize, f64); 3] {
        let base = 3 * (2 * label + polarisation);
        let seen = (self.stored * self.announced).sqrt();
        let hidden = (self.stored * (1.0 - self.announced)).sqrt();
        [(base, seen), (base + 1, hidden), (base + 2, (1.0 - self.stored).sqrt())]
    }

    /// The qubit that a click leaves of |ket><bra|: one of the stored photons at random, I/2 where there is none.
    fn qubit(&self, ket: &Fock, bra: &Fock, labels: usize) -> [[Complex64; 2]; 2] {
        let count = |n: &[u8], which: usize| -> u8 { n.chunks_exact(3).map(|photon| photon[which]).sum() };
        let mut out = [[ZERO; 2]; 2];
        for (p, row) in out.iter_mut().enumerate() {
            for (q, value) in row.iter_mut().enumerate() {
                for label in 0..labels {
                    // The picked photon is one that announced itself, or one that did not.
                    for (kind, seen) in [(0, 1), (1, 0)] {
                        let mode = |polarisation: usize| 3 * (2 * label + polarisation) + kind;
                        *value += ket.annihilate(mode(p)).weighed(&bra.annihilate(mode(q)), |n| {
                            let stored = f64::from(count(n, 0) + count(n, 1) + 1);
                            self.clicks.yes(count(n, 0) + seen) / stored
                        });
                    }
                }
            }
            let empty = |n: &[u8]| if count(n, 0) + count(n, 1) == 0 { self.clicks.yes(0) } else { 0.0 };
            row[p] += ket.weighed(bra, empty) * 0.5;
        }
        out
    }
}

/// Both nodes have absorbing memories.
pub fn absorptive(pairs: &Pairs, nodes: &[Absorbing; 2]) -> Heralded {
    let numbers = pairs.branches.iter().flat_map(|branch| &branch.1).flat_map(|(n, _)| [*n, [n[1], n[0]]]);
    let fields: BTreeMap<Numbers, [Fock; 2]> = numbers
        .map(|n| {
            let field = |node: Absorbing| {
                let h = Fock::vacuum(6).create_many(&node.photon(0, 0), n[0]);
                h.create_many(&node.photon(1, 0), n[1])
            };
            (n, nodes.map(field))
        })
        .collect();
    let pattern = [Pattern { of: [0, 0], odd: false }];
    pairs.meet(&pattern, |side, _, ket, bra| nodes[side].qubit(&fields[&ket][side], &fields[&bra][side], 1))
}

/// A sender whose spin sets the polarisation of n equal photons, with probability `numbers[n]`, and an absorbing memory at B.
pub fn sender_of_numbers(receiver: &Absorbing, emission_fidelity: f64, numbers: &[f64]) -> Heralded {
    let mut out = Heralded::NEVER;
    for (n, probability) in numbers.iter().enumerate() {
        let fields = [0, 1].map(|polarisation| Fock::vacuum(6).create_many(&receiver.photon(polarisation, 0), n));
        out.add(*probability, &sent(receiver, emission_fidelity, &fields, 1));
    }
    out
}

/// An emitter at A, an absorbing memory at B; `second` is the probability of a second photon, which has another label.
pub fn sender_receiver(receiver: &Absorbing, emission_fidelity: f64, second: f64) -> Heralded {
    let field = |polarisation: usize| {
        let one = Fock::vacuum(12).create(&receiver.photon(polarisation, 0));
        let two = one.create(&receiver.photon(polarisation, 1));
        Fock::zero().plus((1.0 - second).sqrt(), &one).plus(second.sqrt(), &two)
    };
    sent(receiver, emission_fidelity, &[field(0), field(1)], 2)
}

/// What the receiver makes of spin 0 beside the first of these fields and spin 1 beside the other.
fn sent(receiver: &Absorbing, emission_fidelity: f64, fields: &[Fock; 2], labels: usize) -> Heralded {
    let ideal = (4.0 * emission_fidelity - 1.0) / 3.0;
    let mut out = Heralded::NEVER;
    for a in 0..2 {
        for b in 0..2 {
            // Spin |a><b| beside its photon |a><b|; with white noise the spin is |a><a| whatever the photon, |b><b|.
            let entangled = receiver.qubit(&fields[a], &fields[b], labels);
            let broken = receiver.qubit(&fields[b], &fields[b], labels);
            for i in 0..2 {
                for j in 0..2 {
                    out.state[a + 2 * i][b + 2 * j] += entangled[i][j] * (0.5 * ideal);
                    out.state[a + 2 * i][a + 2 * j] += broken[i][j] * (0.25 * (1.0 - ideal));
                }
            }
        }
    }
    out.probability = (0..4).map(|k| out.state[k][k].re).sum();
    out
}
