//! A circuit compiled to operations on rows of bits: what a block of shots executes.
//!
//! A shot is followed by its Pauli frame, the product of everything that makes it differ from the reference shot. The
//! frame's X and Z parts on each qubit are rows, one bit a shot, plus one row for scratch. Signs do not matter, so a
//! Clifford gate is a linear map of rows: it becomes a few XORs, and a change of which row holds what, which costs nothing.
//! A measurement, a reset and the beginning leave an unknown phase behind: a random row, without which results that
//! should be random would not be.
//!
//! Owns the translation; refuses to know: shots, random numbers, output.

use ebit_random::math;

use crate::circuit::{Circuit, Instruction, Item, OBJECT, Operation, PauliProduct, Target, execute};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

use super::liveness;

/// What the rows of a finished block are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Flips of measurement results.
    Measurements,
    /// Detectors, then observables.
    Detectors,
}

/// Exclusive Pauli errors, on every group of rows with the same probabilities.
#[derive(Debug, Clone)]
pub struct Noise {
    /// -1 / ln(1 - p) for the probability p that any of them happens.
    pub scale: f64,
    /// Given that: bounds of the distribution function as 64-bit words, and the rows of the group that are flipped, as bits.
    pub cases: Vec<(u64, u8)>,
    /// Whether all cases have the same probability, so that none needs to be looked for.
    pub uniform: bool,
    /// X and Z rows of one or two qubits, first qubit first.
    pub groups: Vec<[u32; 4]>,
}

/// One operation on rows.
#[derive(Debug, Clone)]
pub enum Op {
    /// (into, from).
    Xor(Vec<[u32; 2]>),
    Copy(Vec<[u32; 2]>),
    Zero(Vec<u32>),
    Random(Vec<u32>),
    /// The same random row into all.
    RandomXor(Vec<u32>),
    /// Appends rows to the record.
    Record(Vec<u32>),
    /// Appends rows of zeros.
    RecordZero(u32),
    /// Flips bits of the last rows of the record with this probability.
    FlipRecord(f64, u32),
    Noise(Noise),
    /// Appends a row for each group: whether its error was heralded.
    Herald(Noise),
    /// Flips all rows together with this probability; `chained`: only where nothing of the chain has happened yet.
    Correlated {
        p: f64,
        chained: bool,
        rows: Vec<u32>,
    },
    /// (lookback, into).
    Feedback(Vec<[u32; 2]>),
    /// Into all rows, where the record differs from the reference in whether all terms hold.
    Conditional {
        terms: Vec<(u32, bool)>,
        rows: Vec<u32>,
    },
    /// Appends a detector: the XOR of these lookbacks.
    Detector(Vec<u32>),
    Observable {
        index: u32,
        lookbacks: Vec<u32>,
        rows: Vec<u32>,
    },
    /// Begins to count the turns of a loop.
    Enter,
    /// Goes back to `start` until `count` turns are made.
    Again {
        start: usize,
        count: u64,
    },
}

/// The tree that is compiled first: liveness needs loops as loops.
#[derive(Debug)]
pub enum Node {
    Op(Op),
    Loop(u64, Vec<Node>),
}

#[derive(Debug, Clone)]
pub struct Program {
    pub ops: Vec<Op>,
    pub rows: usize,
    pub measurements: usize,
    pub detectors: usize,
    pub observables: usize,
    pub wanted: Wanted,
}

/// Rows one block may keep.
const ROW_LIMIT: u64 = 1 << 24;

impl Program {
    /// # Errors
    /// A circuit with unitaries, conditions on other gates than Paulis, lookbacks before the beginning, or too many results.
    pub fn compile(circuit: &Circuit, wanted: Wanted) -> Result<Self, QuantumError> {
        let counts = circuit.counts();
        if counts.measurements.saturating_add(counts.detectors).saturating_add(counts.observables) > ROW_LIMIT {
            let value = format!("{} measurements and {} detectors", counts.measurements, counts.detectors);
            return Err(QuantumError::new(OBJECT, "circuit", "of at most 2^24 results", value, "sample a shorter circuit"));
        }
        let mut builder = Builder {
            qubits: counts.qubits,
            place: (0..2 * counts.qubits as u32).collect(),
            nodes: Vec::new(),
            wanted,
            recorded: 0,
        };
        let all = |plane: usize| (0..counts.qubits).map(|q| (plane * counts.qubits + q) as u32).collect::<Vec<_>>();
        builder.push(Op::Zero(all(0)));
        builder.push(Op::Random(all(1)));
        builder.circuit(circuit)?;
        let mut nodes = builder.nodes;
        let rows = 2 * counts.qubits + 1;
        liveness::prune(&mut nodes, &mut vec![false; rows]);
        let mut ops = Vec::new();
        flatten(nodes, &mut ops);
        Ok(Self {
            ops,
            rows,
            measurements: counts.measurements as usize,
            detectors: counts.detectors as usize,
            observables: counts.observables as usize,
            wanted,
        })
    }
}

impl Program {
    /// Whether flips depend on the reference shot.
    pub fn has_conditions(&self) -> bool {
        self.ops.iter().any(|op| matches!(op, Op::Conditional { .. }))
    }
}

fn flatten(nodes: Vec<Node>, ops: &mut Vec<Op>) {
    for node in nodes {
        match node {
            Node::Op(op) => ops.push(op),
            Node::Loop(count, body) => {
                ops.push(Op::Enter);
                let start = ops.len();
                flatten(body, ops);
                ops.push(Op::Again { start, count });
            }
        }
    }
}

struct Builder {
    qubits: usize,
    /// Where the X part of each qubit is, then the Z parts.
    place: Vec<u32>,
    nodes: Vec<Node>,
    wanted: Wanted,
    /// Results so far, of the first turn of a loop.
    recorded: u64,
}

impl Builder {
    fn push(&mut self, op: Op) {
        let empty = match &op {
            Op::Xor(pairs) | Op::Copy(pairs) | Op::Feedback(pairs) => pairs.is_empty(),
            Op::Zero(rows) | Op::Random(rows) | Op::RandomXor(rows) | Op::Record(rows) => rows.is_empty(),
            Op::Noise(noise) => noise.groups.is_empty() || noise.cases.is_empty(),
            Op::FlipRecord(p, count) => *p == 0.0 || *count == 0,
            Op::RecordZero(count) => *count == 0,
            _ => false,
        };
        if empty {
            return;
        }
        // Neighbours of a kind are one list.
        if let Some(Node::Op(last)) = self.nodes.last_mut() {
            match (last, &op) {
                (Op::Xor(a), Op::Xor(b)) => return a.extend_from_slice(b),
                (Op::Zero(a), Op::Zero(b)) | (Op::Random(a), Op::Random(b)) | (Op::Record(a), Op::Record(b)) => {
                    return a.extend_from_slice(b);
                }
                _ => {}
            }
        }
        self.nodes.push(Node::Op(op));
    }

    fn x(&self, qubit: usize) -> u32 {
        self.place[qubit]
    }

    fn z(&self, qubit: usize) -> u32 {
        self.place[self.qubits + qubit]
    }

    fn scratch(&self) -> u32 {
        2 * self.qubits as u32
    }

    /// The rows a Pauli operator flips: it is multiplied into the frame.
    fn flipped(&self, qubit: usize, pauli: Pauli) -> impl Iterator<Item = u32> + use<> {
        [pauli.has_x().then(|| self.x(qubit)), pauli.has_z().then(|| self.z(qubit))].into_iter().flatten()
    }

    /// The rows whose XOR says whether the frame anticommutes with a Pauli operator.
    fn seen(&self, qubit: usize, pauli: Pauli) -> impl Iterator<Item = u32> + use<> {
        [pauli.has_z().then(|| self.x(qubit)), pauli.has_x().then(|| self.z(qubit))].into_iter().flatten()
    }

    fn circuit(&mut self, circuit: &Circuit) -> Result<(), QuantumError> {
        for item in circuit.items() {
            match item {
                Item::Instruction(instruction) => self.instruction(instruction)?,
                Item::Repeat(repeat) => {
                    let outer = std::mem::take(&mut self.nodes);
                    let places = self.place.clone();
                    let before = self.recorded;
                    self.circuit(&repeat.body)?;
                    self.restore(&places);
                    let body = std::mem::replace(&mut self.nodes, outer);
                    let turn = self.recorded - before;
                    self.recorded = before.saturating_add(turn.saturating_mul(repeat.count));
                    if !body.is_empty() {
                        self.nodes.push(Node::Loop(repeat.count, body));
                    }
                }
                Item::If(condition) => {
                    for (lookback, _) in &condition.terms {
                        self.check_lookback(*lookback)?;
                    }
                    let rows = self.pauli_body(&condition.body)?;
                    self.push(Op::Conditional { terms: condition.terms.clone(), rows });
                }
            }
        }
        Ok(())
    }

    /// Puts every part back where it was before a loop's body, so that the next turn finds it there.
    fn restore(&mut self, places: &[u32]) {
        let mut moves = Vec::new();
        let scratch = self.scratch();
        for k in 0..places.len() {
            if self.place[k] == places[k] {
                continue;
            }
            // Free the row that part k belongs in, then fill it, and go on with the row that became free.
            moves.push([scratch, places[k]]);
            if let Some(evicted) = self.place.iter().position(|p| *p == places[k]) {
                self.place[evicted] = scratch;
            }
            let mut part = k;
            loop {
                let free = places[part];
                let now = self.place[part];
                moves.push([free, now]);
                self.place[part] = free;
                if now == scratch {
                    break;
                }
                match places.iter().position(|p| *p == now) {
                    Some(next) => part = next,
                    None => break,
                }
            }
        }
        self.push(Op::Copy(moves));
    }

    /// The rows that a condition's body flips; it may hold Pauli gates only.
    fn pauli_body(&self, body: &Circuit) -> Result<Vec<u32>, QuantumError> {
        let mut rows = Vec::new();
        for item in body.items() {
            let Item::Instruction(instruction) = item else { return Err(refused("IF in IF")) };
            let pauli = match instruction.operation() {
                Operation::Gate(Gate::I) | Operation::Tick => continue,
                Operation::Gate(Gate::X) => Pauli::X,
                Operation::Gate(Gate::Y) => Pauli::Y,
                Operation::Gate(Gate::Z) => Pauli::Z,
                other => return Err(refused(&format!("IF with {}", other.name()))),
            };
            for qubit in execute::qubits(instruction.targets()) {
                rows.extend(self.flipped(qubit, pauli));
            }
        }
        Ok(rows)
    }

    fn check_lookback(&self, lookback: u32) -> Result<(), QuantumError> {
        if u64::from(lookback) <= self.recorded {
            return Ok(());
        }
        let range = format!("a measurement of the {} made before it", self.recorded);
        Err(QuantumError::new(OBJECT, format!("rec[-{lookback}]"), range, "one before the beginning", ""))
    }

    fn instruction(&mut self, instruction: &Instruction) -> Result<(), QuantumError> {
        let targets = instruction.targets();
        let results = instruction.num_measurements();
        match instruction.operation() {
            Operation::Gate(gate) => self.gates(*gate, targets)?,
            Operation::Unitary(unitary) => return Err(refused(&unitary.name)),
            Operation::Measure(basis) => self.measure(targets, *basis, false),
            Operation::MeasureReset(basis) => self.measure(targets, *basis, true),
            Operation::Reset(basis) => self.reset(&execute::qubits(targets).collect::<Vec<_>>(), *basis),
            Operation::MeasurePair(basis) => {
                for pair in targets.chunks_exact(2) {
                    self.measure_product(&execute::qubits(pair).map(|q| (q, *basis)).collect::<Vec<_>>());
                }
            }
            Operation::MeasureProduct => instruction.products()?.iter().for_each(|p| self.measure_product(&p.factors)),
            Operation::Spp | Operation::SppDag => instruction.products()?.iter().for_each(|p| self.root(p)),
            Operation::PauliError(_)
            | Operation::PairError
            | Operation::Depolarize1
            | Operation::Depolarize2
            | Operation::PauliChannel1
            | Operation::PauliChannel2 => {
                let noise = self.noise(&execute::pauli_terms(instruction), targets);
                self.push(Op::Noise(noise));
            }
            Operation::CorrelatedError | Operation::ElseCorrelatedError => {
                let product = instruction.error_product();
                let rows = product.iter().flat_map(|(qubit, pauli)| self.flipped(*qubit, *pauli)).collect();
                let chained = *instruction.operation() == Operation::ElseCorrelatedError;
                self.push(Op::Correlated { p: instruction.argument(), chained, rows });
            }
            Operation::HeraldedErase | Operation::HeraldedPauliChannel1 => {
                let herald = self.herald(instruction);
                self.push(Op::Herald(herald));
            }
            Operation::Pad => self.push(Op::RecordZero(targets.len() as u32)),
            Operation::Detector if self.wanted == Wanted::Detectors => {
                let (lookbacks, _) = self.sources(targets)?;
                self.push(Op::Detector(lookbacks));
            }
            Operation::ObservableInclude if self.wanted == Wanted::Detectors => {
                let (lookbacks, rows) = self.sources(targets)?;
                self.push(Op::Observable { index: instruction.argument() as u32, lookbacks, rows });
            }
            Operation::Detector | Operation::ObservableInclude => {}
            Operation::QubitCoords | Operation::ShiftCoords | Operation::Tick => {}
        }
        self.recorded = self.recorded.saturating_add(results);
        let flips = !matches!(instruction.operation(), Operation::HeraldedErase | Operation::HeraldedPauliChannel1);
        if results > 0 && flips {
            self.push(Op::FlipRecord(instruction.argument(), results as u32));
        }
        Ok(())
    }

    /// The lookbacks and frame rows that a detector or observable sums.
    fn sources(&self, targets: &[Target]) -> Result<(Vec<u32>, Vec<u32>), QuantumError> {
        let (mut lookbacks, mut rows) = (Vec::new(), Vec::new());
        for target in targets {
            match *target {
                Target::Record(lookback) => {
                    self.check_lookback(lookback)?;
                    lookbacks.push(lookback);
                }
                Target::Pauli { pauli, index, .. } => rows.extend(self.seen(index as usize, pauli)),
                _ => {}
            }
        }
        Ok((lookbacks, rows))
    }

    fn gates(&mut self, gate: Gate, targets: &[Target]) -> Result<(), QuantumError> {
        let linear = Linear::of(gate);
        for group in targets.chunks_exact(gate.qubits()) {
            match *group {
                [Target::Qubit { index, .. }] => self.linear(&linear, &[index as usize]),
                [Target::Qubit { index: a, .. }, Target::Qubit { index: b, .. }] => {
                    self.linear(&linear, &[a as usize, b as usize])
                }
                [Target::Record(lookback), Target::Qubit { index, .. }]
                | [Target::Qubit { index, .. }, Target::Record(lookback)] => {
                    self.check_lookback(lookback)?;
                    let rows = self.flipped(index as usize, execute::fed_back(gate));
                    let pairs = rows.map(|row| [lookback, row]).collect();
                    self.push(Op::Feedback(pairs));
                }
                // Sweep bits are 0; classical bits among themselves give a phase that nobody sees.
                _ => {}
            }
        }
        Ok(())
    }

    fn linear(&mut self, linear: &Linear, qubits: &[usize]) {
        let parts: Vec<usize> = qubits.iter().flat_map(|q| [*q, self.qubits + *q]).collect();
        let rows: Vec<u32> = parts.iter().map(|part| self.place[*part]).collect();
        for (part, from) in parts.iter().zip(&linear.places) {
            self.place[*part] = rows[*from];
        }
        let pairs = linear.steps.iter().map(|[into, from]| [self.place[parts[*into]], self.place[parts[*from]]]).collect();
        self.push(Op::Xor(pairs));
    }

    fn measure(&mut self, targets: &[Target], basis: Pauli, resets: bool) {
        let qubits: Vec<usize> = execute::qubits(targets).collect();
        let mut sorted = qubits.clone();
        sorted.sort_unstable();
        sorted.dedup();
        // Different qubits are independent: one list of each kind. The same twice goes one by one.
        let size = if sorted.len() == qubits.len() { qubits.len().max(1) } else { 1 };
        for group in qubits.chunks(size) {
            for &qubit in group {
                if basis == Pauli::Y {
                    self.push(Op::Copy(vec![[self.scratch(), self.x(qubit)]]));
                    self.push(Op::Xor(vec![[self.scratch(), self.z(qubit)]]));
                    self.push(Op::Record(vec![self.scratch()]));
                } else {
                    let row = if basis == Pauli::Z { self.x(qubit) } else { self.z(qubit) };
                    self.push(Op::Record(vec![row]));
                }
            }
            match (resets, basis) {
                (true, Pauli::Z) => self.push(Op::Zero(group.iter().map(|q| self.x(*q)).collect())),
                (true, Pauli::X) => self.push(Op::Zero(group.iter().map(|q| self.z(*q)).collect())),
                (true, _) => group.iter().for_each(|q| self.push(Op::Zero(vec![self.x(*q), self.z(*q)]))),
                (false, _) => {}
            }
            match basis {
                Pauli::Z => self.push(Op::Random(group.iter().map(|q| self.z(*q)).collect())),
                Pauli::X => self.push(Op::Random(group.iter().map(|q| self.x(*q)).collect())),
                _ => group.iter().for_each(|q| self.push(Op::RandomXor(vec![self.x(*q), self.z(*q)]))),
            }
        }
    }

    fn reset(&mut self, qubits: &[usize], basis: Pauli) {
        let xs = || qubits.iter().map(|q| self.x(*q)).collect::<Vec<_>>();
        let zs = || qubits.iter().map(|q| self.z(*q)).collect::<Vec<_>>();
        match basis {
            Pauli::Z => {
                let (zero, random) = (xs(), zs());
                self.push(Op::Zero(zero));
                self.push(Op::Random(random));
            }
            Pauli::X => {
                let (zero, random) = (zs(), xs());
                self.push(Op::Zero(zero));
                self.push(Op::Random(random));
            }
            _ => {
                for &qubit in qubits {
                    let both = vec![self.x(qubit), self.z(qubit)];
                    self.push(Op::Zero(both.clone()));
                    self.push(Op::RandomXor(both));
                }
            }
        }
    }

    /// Scratch becomes whether the frame anticommutes with the product.
    fn anticommutes(&mut self, factors: &[(usize, Pauli)]) {
        let scratch = self.scratch();
        let seen: Vec<u32> = factors.iter().flat_map(|(qubit, pauli)| self.seen(*qubit, *pauli)).collect();
        self.push(Op::Zero(vec![scratch]));
        self.push(Op::Xor(seen.into_iter().map(|row| [scratch, row]).collect()));
    }

    fn measure_product(&mut self, factors: &[(usize, Pauli)]) {
        self.anticommutes(factors);
        self.push(Op::Record(vec![self.scratch()]));
        self.push(Op::RandomXor(factors.iter().flat_map(|(qubit, pauli)| self.flipped(*qubit, *pauli)).collect()));
    }

    /// exp(-i pi/4 P) multiplies what anticommutes with P by P.
    fn root(&mut self, product: &PauliProduct) {
        self.anticommutes(&product.factors);
        let flipped = product.factors.iter().flat_map(|(qubit, pauli)| self.flipped(*qubit, *pauli));
        let pairs = flipped.map(|row| [row, self.scratch()]).collect();
        self.push(Op::Xor(pairs));
    }

    fn noise(&self, terms: &[execute::PauliTerm], targets: &[Target]) -> Noise {
        let size = terms.first().map_or(1, |term| term.paulis.len());
        let qubits: Vec<usize> = execute::qubits(targets).collect();
        let groups = qubits.chunks_exact(size).map(|group| self.group(group)).collect();
        let weights = terms.iter().map(|term| (term.probability, mask(&term.paulis)));
        let (sum, cases) = cases(weights);
        Noise { scale: scale(sum), uniform: uniform(terms.iter().map(|term| term.probability)), cases, groups }
    }

    fn herald(&self, instruction: &Instruction) -> Noise {
        let (p, weights) = execute::heralded_channel(instruction);
        let (_, cases) = cases(Pauli::ALL.iter().zip(weights).map(|(pauli, weight)| (weight, mask(&[*pauli]))));
        let groups = execute::qubits(instruction.targets()).map(|qubit| self.group(&[qubit])).collect();
        let cases = if p > 0.0 { cases } else { Vec::new() };
        Noise { scale: scale(p), uniform: uniform(weights.into_iter()), cases, groups }
    }

    fn group(&self, qubits: &[usize]) -> [u32; 4] {
        let mut rows = [0; 4];
        for (k, &qubit) in qubits.iter().enumerate() {
            (rows[2 * k], rows[2 * k + 1]) = (self.x(qubit), self.z(qubit));
        }
        rows
    }
}

fn refused(what: &str) -> QuantumError {
    let range = "of Clifford gates, with conditions on Pauli gates only";
    QuantumError::unsupported(OBJECT, "circuit", range, what, "run it on a StateVector or DensityMatrix")
}

/// -1 / ln(1 - p).
pub fn scale(p: f64) -> f64 {
    -1.0 / math::ln_1p(-p.min(1.0))
}

/// Bit k: row k of the group.
fn mask(paulis: &[Pauli]) -> u8 {
    paulis.iter().enumerate().map(|(k, p)| (u8::from(p.has_x()) | u8::from(p.has_z()) << 1) << (2 * k)).sum()
}

/// Whether all weights that are not 0 are the same.
fn uniform(mut weights: impl Iterator<Item = f64>) -> bool {
    let first = weights.find(|weight| *weight > 0.0);
    weights.all(|weight| weight == 0.0 || Some(weight) == first)
}

/// The sum of the weights, and those that are not 0 as bounds of their distribution function in 64-bit words.
fn cases(weights: impl Iterator<Item = (f64, u8)>) -> (f64, Vec<(u64, u8)>) {
    let weights: Vec<(f64, u8)> = weights.filter(|(weight, _)| *weight > 0.0).collect();
    let sum: f64 = weights.iter().map(|(weight, _)| weight).sum();
    let mut bound = 0.0;
    let mut cases: Vec<(u64, u8)> = weights
        .into_iter()
        .map(|(weight, mask)| {
            bound += weight / sum;
            // Saturates at 2^64 - 1.
            ((bound * 18_446_744_073_709_551_616.0) as u64, mask)
        })
        .collect();
    if let Some(last) = cases.last_mut() {
        last.0 = u64::MAX;
    }
    (sum, cases)
}

/// What a gate does to the X and Z rows of its qubits: rows change places, then some are XORed into others.
struct Linear {
    /// Part k is found where this part was.
    places: Vec<usize>,
    /// (into, from), in order.
    steps: Vec<[usize; 2]>,
}

impl Linear {
    fn of(gate: Gate) -> Self {
        let parts = 2 * gate.qubits();
        // Bit i of word j: the output part j contains the input part i.
        let mut matrix = vec![0u8; parts];
        for i in 0..parts {
            let image = if i % 2 == 0 { gate.image_of_x(i / 2) } else { gate.image_of_z(i / 2) };
            for (j, word) in matrix.iter_mut().enumerate() {
                let pauli = image.paulis[j / 2];
                *word |= u8::from(if j % 2 == 0 { pauli.has_x() } else { pauli.has_z() }) << i;
            }
        }
        // Elimination turns the matrix into a permutation; backwards its steps make the matrix from one.
        let mut steps = Vec::new();
        let mut done = vec![false; parts];
        for i in 0..parts {
            let Some(pivot) = (0..parts).find(|j| !done[*j] && matrix[*j] >> i & 1 == 1) else { continue };
            done[pivot] = true;
            for j in 0..parts {
                if j != pivot && matrix[j] >> i & 1 == 1 {
                    matrix[j] ^= matrix[pivot];
                    steps.push([j, pivot]);
                }
            }
        }
        steps.reverse();
        Self { places: matrix.iter().map(|word| word.trailing_zeros() as usize).collect(), steps }
    }
}
