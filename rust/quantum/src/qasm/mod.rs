//! OpenQASM 2 and 3: texts to circuits and back.
//!
//! ```text
//!  text -> lexer -> parser, expression -> program, evaluate -> expand, action, library -> lower -> Circuit
//!          tokens   statements            classical part       unitaries
//!  Circuit -> write, names -> text
//! ```
//!
//! Of version 2 everything but `opaque`; of version 3 gates with modifiers, measurements, resets, conditions, and what can
//! be computed while reading: constants, classical variables, loops. Refuses what a circuit cannot hold (subroutines,
//! timing, loops on outcomes) and says so. A text cannot exhaust stack or memory: nesting, calls and work are bounded.

mod action;
mod ast;
mod error;
mod evaluate;
mod expand;
mod expression;
mod lexer;
mod library;
mod lower;
mod names;
mod parser;
mod program;
mod value;
mod write;

pub use error::{Place, QasmError, QasmErrorKind};

use crate::circuit::Circuit;

impl Circuit {
    /// Reads OpenQASM.
    ///
    /// ```
    /// use ebit_quantum::Circuit;
    ///
    /// let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;";
    /// let circuit = Circuit::from_qasm(text)?;
    /// assert_eq!(circuit.to_string(), "H 0\nCX 0 1\nM 0 1");
    /// # Ok::<(), ebit_quantum::QasmError>(())
    /// ```
    ///
    /// # Errors
    /// Line and column, what was expected and what was found.
    pub fn from_qasm(text: &str) -> Result<Self, QasmError> {
        program::run(text)
    }

    /// Writes OpenQASM of version 2 or 3; loops are written out, and measurement k goes to bit k.
    ///
    /// ```
    /// use ebit_quantum::Circuit;
    ///
    /// let circuit: Circuit = "H 0\nCX 0 1\nM 1\nCX rec[-1] 0".parse()?;
    /// assert!(circuit.to_qasm(2, false)?.ends_with("h q[0];\ncx q[0],q[1];\nmeasure q[1] -> m0[0];\nif(m0==1) x q[0];\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Noise, `MPAD`, annotations unless they are dropped, unitaries that are no controlled one-qubit gate and not of the
    /// library; in version 2 conditions on several outcomes.
    pub fn to_qasm(&self, version: u32, drop_annotations: bool) -> Result<String, QasmError> {
        let version = match version {
            2 => ast::Version::Two,
            3 => ast::Version::Three,
            other => return Err(QasmError::wrong(Place::default(), "version 2 or 3", other.to_string(), "")),
        };
        write::write(self, version, drop_annotations)
    }
}
