//! What a protocol can ask of its node: the services of the network, whatever the formalism of its pairs.

use ebit_kernel::{Tick, Trace};
use ebit_spec::SpecError;
use ebit_spec::error::Kind as Complaint;

use super::live::{Connection, Live, Payload, Step};
use super::outcome::Action;
use super::readout::Readout;
use super::stage::Stage;
use super::wait::{Handle, Operation, Outcome, Wait};
use crate::engine::ARRIVALS;
use crate::error::RunError;
use crate::recorder::Counts;

/// What can be seen of a held half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The node at the other end; None while news about the pair is under way.
    pub far: Option<u32>,
    /// Herald of the oldest elementary pair inside.
    pub birth: Tick,
    /// Fidelity, X and Z error now, as only a simulation knows them.
    pub quality: [f64; 3],
}

/// Every method is an instant: what takes time is begun here and waited for by name.
pub trait Services: Send {
    fn stage(&self) -> &Stage;
    fn now(&self) -> Tick;
    fn step(&mut self, until: Option<Tick>) -> Result<Step, RunError>;
    fn spawn(&mut self, node: u32, label: String, background: bool) -> Result<usize, RunError>;
    fn install(&mut self, task: usize, wait: Wait) -> Result<(), RunError>;
    fn end(&mut self, task: usize) -> Result<(), RunError>;
    /// What a protocol is called.
    fn label(&self, task: usize) -> &str;
    fn has_goal(&self) -> bool;
    fn begin(&mut self, node: u32, action: Action) -> Result<Result<Outcome, Operation>, RunError>;
    fn forget(&mut self, operation: Operation);
    fn deliver(&mut self, node: u32, half: Handle) -> Result<(), RunError>;
    fn record(&mut self, source: u32, target: u32) -> Result<(), RunError>;
    fn send(&mut self, from: u32, to: u32, content: u64) -> Result<(), RunError>;
    fn held(&self, node: u32, half: Handle) -> Option<Held>;
    fn connections(&self) -> &[Connection];
    fn counts(&self) -> Counts;
    fn trace(&self) -> Trace;
    /// Contents of messages that were lost since the last call.
    fn lost_contents(&mut self) -> Vec<u64>;
}

impl<F: Readout + Send> Services for Live<F> {
    fn stage(&self) -> &Stage {
        &self.stage
    }
    fn now(&self) -> Tick {
        self.now
    }
    fn step(&mut self, until: Option<Tick>) -> Result<Step, RunError> {
        Live::step(self, until)
    }
    fn spawn(&mut self, node: u32, label: String, background: bool) -> Result<usize, RunError> {
        Live::spawn(self, node, label, background)
    }
    fn install(&mut self, task: usize, wait: Wait) -> Result<(), RunError> {
        Live::install(self, task, wait)
    }
    fn end(&mut self, task: usize) -> Result<(), RunError> {
        Live::end(self, task);
        Ok(())
    }
    fn label(&self, task: usize) -> &str {
        &self.tasks[task].label
    }
    fn has_goal(&self) -> bool {
        self.foreground > 0
    }
    fn begin(&mut self, node: u32, action: Action) -> Result<Result<Outcome, Operation>, RunError> {
        Live::begin(self, node, action)
    }
    fn forget(&mut self, operation: Operation) {
        self.forget_operation(operation);
    }

    fn deliver(&mut self, node: u32, half: Handle) -> Result<(), RunError> {
        let (place, side) = self.held_half(node, "deliver", half)?;
        let far = self.node_at(place, 1 - side);
        if far == node {
            let object = format!("node '{}'", self.stage.name(node));
            let value = "both halves of one pair here";
            return Err(SpecError::new(Complaint::Range, object, "deliver", "a pair with another node", value, "").into());
        }
        self.registry.get_mut(place).state.ordered = true;
        self.deliver_if_known(place)?;
        Ok(())
    }

    fn record(&mut self, source: u32, target: u32) -> Result<(), RunError> {
        let now = self.now;
        let index = self.connection(source, target);
        let connection = &mut self.connections[index];
        if !connection.standing {
            connection.standing = true;
            connection.start = now;
        }
        // A link between the two works for it, whoever else asks.
        if let Some(end) = self.stage.end_toward(source, target) {
            self.ask(end / 2)?;
        }
        Ok(())
    }

    fn send(&mut self, from: u32, to: u32, content: u64) -> Result<(), RunError> {
        let Some(light) = self.paths.light(from, to) else {
            let object = format!("node '{}'", self.stage.name(from));
            let value = format!("'{}'", self.stage.name(to));
            let hint = "messages travel along links";
            return Err(SpecError::new(Complaint::NoRoute, object, "to", "a node that a path leads to", value, hint).into());
        };
        if self.is_lost(from, 0) {
            self.lost_contents.push(content);
            return Ok(());
        }
        let time = self.later(light)?;
        self.push(time, ARRIVALS, self.node_origin(from), Payload::Letter { from, to, content })
    }

    fn held(&self, node: u32, half: Handle) -> Option<Held> {
        let (place, side) = self.half(half)?;
        if self.node_at(place, side) != node {
            return None;
        }
        let pair = self.registry.get(place);
        let known = pair.pending[side] == 0;
        let mut state = pair.state.state;
        for (end, touched) in pair.touched.into_iter().enumerate() {
            let decay = &self.stage.world.nodes[self.node_at(place, end) as usize].decay;
            self.formalism.age(&mut state, end, decay, self.now - touched);
        }
        let quality = if pair.dead { [0.25, 0.5, 0.5] } else { self.formalism.read(&state) };
        Some(Held { far: known.then(|| self.node_at(place, 1 - side)), birth: pair.birth, quality })
    }

    fn connections(&self) -> &[Connection] {
        &self.connections
    }
    fn counts(&self) -> Counts {
        self.counts
    }
    fn trace(&self) -> Trace {
        Live::trace(self)
    }
    fn lost_contents(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.lost_contents)
    }
}

impl<F: Readout> Live<F> {
    /// Who waits for what.
    pub(super) fn who_waits(&self) -> String {
        let mut words = Vec::new();
        let mut more = 0;
        for task in self.tasks.iter().filter(|t| !t.ended && !t.background) {
            let Some(wait) = &task.wait else { continue };
            if words.len() < 6 {
                let node = self.stage.name(task.node);
                words.push(format!("{} on node '{node}' waits for {}", task.label, self.describe(wait)));
            } else {
                more += 1;
            }
        }
        let tail = if more > 0 { format!(", and {more} more") } else { String::new() };
        words.join("; ") + &tail
    }

    fn describe(&self, wait: &Wait) -> String {
        let name = |node: u32| format!("'{}'", self.stage.name(node));
        let list = |waits: &[Wait], word: &str| {
            let words: Vec<String> = waits.iter().map(|w| self.describe(w)).collect();
            words.join(word)
        };
        match wait {
            Wait::Until(time) => format!("{} s", self.stage.world.scale.seconds(*time)),
            Wait::Message { from: Some(from) } => format!("a message from {}", name(*from)),
            Wait::Message { from: None } => "a message".to_owned(),
            Wait::Pair(wanted) => {
                let end =
                    wanted.end.map_or_else(String::new, |e| format!(" over the link to {}", name(self.stage.node_of(e ^ 1))));
                let far = wanted.far.map_or_else(String::new, |f| format!(" with {}", name(f)));
                format!("a pair{end}{far}")
            }
            Wait::Outcome(_) => "the end of a swap, or news that a measurement needs".to_owned(),
            Wait::Any(waits) => list(waits, " or "),
            Wait::All(waits) => list(waits, " and "),
            Wait::Done => "nothing".to_owned(),
        }
    }
}
