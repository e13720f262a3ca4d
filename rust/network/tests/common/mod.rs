//! Documents for the tests of this crate, built from a few numbers.

use ebit_kernel::Control;
use ebit_network::{Outcome, RunError, compile, run};
use ebit_spec::RunDoc;
use serde_json::{Value, json};

/// One link of a test network: its nodes, success probability, attempt time and fibre length.
pub type Edge = (usize, usize, f64, f64, f64);

#[derive(Debug, Clone)]
pub struct Net {
    pub slots: usize,
    pub swap_success: f64,
    pub swap_duration_s: f64,
    pub edges: Vec<Edge>,
    pub nodes: usize,
    pub message_loss: f64,
}

impl Net {
    pub fn chain(edges: &[(f64, f64, f64)]) -> Self {
        let edges: Vec<Edge> = edges.iter().enumerate().map(|(k, &(p, t, km))| (k, k + 1, p, t, km)).collect();
        let nodes = edges.len() + 1;
        Self { slots: 1, swap_success: 1.0, swap_duration_s: 0.0, edges, nodes, message_loss: 0.0 }
    }

    pub fn document(&self, requests: &Value, options: &Value) -> RunDoc {
        let models: Vec<Value> = self
            .edges
            .iter()
            .map(|&(_, _, p, t, _)| json!({"HeraldedLink": {"success_probability": p, "attempt_time_s": t}}))
            .collect();
        let column = |pick: fn(&Edge) -> f64| self.edges.iter().map(pick).collect::<Vec<f64>>();
        let ends = |pick: fn(&Edge) -> usize| self.edges.iter().map(pick).collect::<Vec<usize>>();
        let n = self.nodes;
        serde_json::from_value(json!({
            "network": {
                "format": 1,
                "devices": {
                    "memories": [{"slots": self.slots}],
                    "swaps": [{"success_probability": self.swap_success, "duration_s": self.swap_duration_s}],
                    "links": models,
                },
                "nodes": {
                    "name": (0..n).map(|k| format!("n{k}")).collect::<Vec<_>>(),
                    "memory": vec![0; n], "swap": vec![0; n], "readout_error": vec![0.0; n],
                },
                "links": {
                    "a": ends(|e| e.0), "b": ends(|e| e.1), "model": (0..self.edges.len()).collect::<Vec<_>>(),
                    "length_km": column(|e| e.4),
                },
                "message_loss_probability": self.message_loss,
            },
            "requests": requests,
            "options": options,
        }))
        .expect("a document of the test's own making")
    }
}

/// Compiles and runs on one thread.
pub fn simulate(doc: &RunDoc) -> Result<Outcome, RunError> {
    let world = compile(doc)?;
    run(&world, 0, doc.options.replicas as u64, 1, &Control::new())
}
