//! A circuit as text that [`super::parse`] and Stim read back as the same circuit.

use core::fmt;

use super::{Circuit, Instruction, Item, Operation, Target};

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self, 0, f)
    }
}

fn print(circuit: &Circuit, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (k, item) in circuit.items().iter().enumerate() {
        if k > 0 {
            writeln!(f)?;
        }
        write!(f, "{:1$}", "", 4 * depth)?;
        let body = match item {
            Item::Instruction(instruction) => {
                write!(f, "{instruction}")?;
                continue;
            }
            Item::Repeat(repeat) => {
                write!(f, "REPEAT")?;
                print_tag(&repeat.tag, f)?;
                write!(f, " {}", repeat.count)?;
                &repeat.body
            }
            Item::If(condition) => {
                write!(f, "IF")?;
                for (lookback, wanted) in &condition.terms {
                    write!(f, " {}{}", if *wanted { "" } else { "!" }, Target::Record(*lookback))?;
                }
                &condition.body
            }
        };
        writeln!(f, " {{")?;
        print(body, depth + 1, f)?;
        write!(f, "\n{:1$}}}", "", 4 * depth)?;
    }
    Ok(())
}

fn print_tag(tag: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if tag.is_empty() {
        return Ok(());
    }
    let escaped = tag.replace('\\', "\\B").replace('\r', "\\r").replace('\n', "\\n").replace(']', "\\C");
    write!(f, "[{escaped}]")
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation().name())?;
        let matrix: Vec<f64>;
        let arguments = match self.operation() {
            Operation::Unitary(unitary) => {
                print_tag(&unitary.name, f)?;
                matrix = unitary.matrix.iter().flat_map(|x| [x.re, x.im]).collect();
                &matrix
            }
            _ => {
                print_tag(self.tag(), f)?;
                self.arguments()
            }
        };
        for (k, argument) in arguments.iter().enumerate() {
            write!(f, "{}", if k == 0 { "(" } else { ", " })?;
            print_number(*argument, f)?;
        }
        if !arguments.is_empty() {
            write!(f, ")")?;
        }
        let mut glued = false;
        for target in self.targets() {
            if *target == Target::Combiner || glued {
                write!(f, "{target}")?;
            } else {
                write!(f, " {target}")?;
            }
            glued = *target == Target::Combiner;
        }
        Ok(())
    }
}

/// The shortest text that reads back as the same float.
fn print_number(x: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if x != 0.0 && !(1e-5..1e16).contains(&x.abs()) { write!(f, "{x:e}") } else { write!(f, "{x}") }
}
