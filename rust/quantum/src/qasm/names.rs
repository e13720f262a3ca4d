//! What OpenQASM calls a gate, and the definition where its library has none.

use core::f64::consts::PI;

use ebit_random::math;
use num_complex::Complex64;

use super::action::{EXACT, alike, controlled};
use super::ast::Version;
use super::library;
use crate::circuit::Unitary;
use crate::gate::Gate;

/// The library's gate, if it has one.
fn library_name(gate: Gate, version: Version) -> Option<&'static str> {
    Some(match gate {
        Gate::I => "id",
        Gate::X => "x",
        Gate::Y => "y",
        Gate::Z => "z",
        Gate::H => "h",
        Gate::S => "s",
        Gate::SDag => "sdg",
        Gate::SqrtX => "sx",
        Gate::SqrtXDag if version == Version::Two => "sxdg",
        Gate::CX => "cx",
        Gate::CY => "cy",
        Gate::CZ => "cz",
        Gate::Swap => "swap",
        _ => return None,
    })
}

/// A name, and its definition where the library has none.
pub(super) fn gate(gate: Gate, version: Version) -> (String, Option<String>) {
    if let Some(name) = library_name(gate, version) {
        return (name.to_owned(), None);
    }
    let name = if gate == Gate::SqrtXDag { "sxdg".to_owned() } else { gate.name().to_lowercase() };
    let body = match gate {
        Gate::II => "id a; id b;",
        Gate::XCX => "h a; cx a,b; h a;",
        Gate::XCY => "h a; cy a,b; h a;",
        Gate::YCX => "h b; cy b,a; h b;",
        Gate::YCY => "h a; s a; h a; cy a,b; h a; sdg a; h a;",
        Gate::ISwap => "s a; s b; h a; cx a,b; cx b,a; h b;",
        Gate::ISwapDag => "h b; cx b,a; cx a,b; h a; sdg a; sdg b;",
        Gate::CXSwap => "cx a,b; swap a,b;",
        Gate::SwapCX => "swap a,b; cx a,b;",
        Gate::CZSwap => "cz a,b; swap a,b;",
        Gate::SqrtXX => "h a; h b; s a; s b; cz a,b; h a; h b;",
        Gate::SqrtXXDag => "h a; h b; sdg a; sdg b; cz a,b; h a; h b;",
        Gate::SqrtYY => "sx a; sx b; s a; s b; cz a,b; x a; x b; sx a; sx b;",
        Gate::SqrtYYDag => "sx a; sx b; sdg a; sdg b; cz a,b; x a; x b; sx a; sx b;",
        Gate::SqrtZZ => "s a; s b; cz a,b;",
        Gate::SqrtZZDag => "sdg a; sdg b; cz a,b;",
        one => {
            let (angles, _) = euler(&one.unitary());
            return (name.clone(), Some(format!("gate {name} a {{ U({}) a; }}", listed(&angles))));
        }
    };
    (name.clone(), Some(format!("gate {name} a,b {{ {body} }}")))
}

/// Gates of qelib1.inc that stdgates.inc lacks and that are no controlled one-qubit gates.
const DEFINED: [(&str, &str); 4] = [
    ("rxx", "gate rxx(t) a,b { h a; h b; cx a,b; rz(t) b; cx a,b; h a; h b; }"),
    ("rzz", "gate rzz(t) a,b { cx a,b; rz(t) b; cx a,b; }"),
    ("rccx", "gate rccx a,b,c { h c; t c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; h c; }"),
    (
        "rc3x",
        "gate rc3x a,b,c,d { h d; t d; cx c,d; tdg d; h d; cx a,d; t d; cx b,d; tdg d; cx a,d; t d; cx b,d; tdg d; h d; \
         t d; cx c,d; tdg d; h d; }",
    ),
];

/// How a gate is called, and its name and definition where the library has none.
pub(super) type Called = (String, Option<(&'static str, &'static str)>);

/// How a unitary is called; None if neither its name nor its form can be written.
pub(super) fn unitary(unitary: &Unitary, version: Version) -> Option<Called> {
    if let Some(called) = named(unitary, version) {
        return Some((called, None));
    }
    if unitary.qubits == 1 {
        return Some((format!("U({})", listed(&euler(&unitary.matrix).0)), None));
    }
    let (inner, controls) = without_controls(&unitary.matrix, unitary.qubits);
    if inner.len() == 4 && (controls == 1 || version == Version::Three) {
        let (mut angles, phase) = euler(&inner);
        angles.push(phase);
        let modifier = if controls == 1 { String::new() } else { format!("ctrl({}) @ ", controls - 1) };
        return Some((format!("{modifier}cu({})", listed(&angles)), None));
    }
    let called = named(unitary, Version::Two)?;
    let definition = DEFINED.iter().find(|(name, _)| called.split('(').next() == Some(name))?;
    Some((called, Some(*definition)))
}

/// The name it came with, if the library has it and means the same.
fn named(unitary: &Unitary, version: Version) -> Option<String> {
    let (name, arguments) = match unitary.name.strip_suffix(')').and_then(|n| n.split_once('(')) {
        Some((name, list)) => (name, list.split(',').map(|x| x.trim().parse().ok()).collect::<Option<Vec<f64>>>()?),
        None => (unitary.name.as_str(), Vec::new()),
    };
    let signature = library::find(name, version, true)?;
    if signature.parameters != arguments.len() || signature.qubits != unitary.qubits || !arguments.iter().all(|x| x.is_finite()) {
        return None;
    }
    let action = signature.action(name, &arguments, version);
    alike(&action.matrix, &unitary.matrix)
        .then(|| if arguments.is_empty() { name.to_owned() } else { format!("{name}({})", listed(&arguments)) })
}

/// Takes controls off the first operands, down to one qubit.
fn without_controls(matrix: &[Complex64], qubits: usize) -> (Vec<Complex64>, usize) {
    let (mut matrix, mut left, mut controls) = (matrix.to_vec(), qubits, 0);
    while left > 1 {
        let n = 1usize << (left - 1);
        let inner: Vec<Complex64> = (0..n * n).map(|k| matrix[(2 * (k / n) + 1) * 2 * n + 2 * (k % n) + 1]).collect();
        if !alike(&controlled(&inner, true), &matrix) {
            break;
        }
        (matrix, left, controls) = (inner, left - 1, controls + 1);
    }
    (matrix, controls)
}

/// theta, phi, lambda and gamma of e^(i gamma) U(theta, phi, lambda), U's upper left entry real.
fn euler(v: &[Complex64]) -> (Vec<f64>, f64) {
    let argument = |z: Complex64| math::atan2(z.im, z.re);
    let (Some(a), Some(b), Some(c), Some(d)) = (v.first(), v.get(1), v.get(2), v.get(3)) else { return (vec![0.0; 3], 0.0) };
    let theta = 2.0 * math::atan2(c.norm(), a.norm());
    if a.norm() < EXACT {
        return (vec![PI, argument(*c), argument(-*b)], 0.0);
    }
    let gamma = argument(*a);
    if c.norm() < EXACT {
        return (vec![0.0, 0.0, argument(d / a)], gamma);
    }
    (vec![theta, argument(c / a), argument(-b / a)], gamma)
}

fn listed(numbers: &[f64]) -> String {
    let shown: Vec<String> = numbers.iter().map(|x| shown(*x)).collect();
    shown.join(",")
}

/// A multiple of pi where the number is one to its last bits, else the shortest decimal that reads back the same.
fn shown(x: f64) -> String {
    for d in [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0] {
        let k = (x * d / PI).round();
        if k != 0.0 && k.abs() <= 32.0 && (x - k * PI / d).abs() <= 2.0 * f64::EPSILON * x.abs() {
            let top = if k == 1.0 {
                "pi".into()
            } else if k == -1.0 {
                "-pi".into()
            } else {
                format!("{k}*pi")
            };
            return if d == 1.0 { top } else { format!("{top}/{d}") };
        }
    }
    // No minus in front of zero.
    format!("{:?}", x + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Circuit;
    use crate::qasm::action::phase;
    use crate::qasm::library::u;

    #[test]
    fn every_definition_is_its_gate() {
        for version in [Version::Two, Version::Three] {
            // The two controlled by their second qubit are written with the operands exchanged.
            for one in Gate::ALL.iter().filter(|g| !matches!(g, Gate::XCZ | Gate::YCZ)) {
                let (name, definition) = gate(*one, version);
                let (header, operands) = match (version, one.qubits()) {
                    (Version::Two, n) => {
                        ("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];", if n == 1 { "q[1]" } else { "q[0],q[1]" })
                    }
                    (_, n) => ("OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q;", if n == 1 { "q[1]" } else { "q[0],q[1]" }),
                };
                let text = format!("{header} {} {name} {operands};", definition.unwrap_or_default());
                let wanted = format!("{} {}", one.name(), if one.qubits() == 1 { "1" } else { "0 1" });
                let read = Circuit::from_qasm(&text).map(|c| c.to_string());
                assert_eq!(read, Ok(wanted), "{text}");
            }
        }
    }

    #[test]
    fn definitions_beyond_stdgates_are_qelib1_s() {
        for (name, definition) in DEFINED {
            let Some(signature) = library::find(name, Version::Two, true) else { panic!("{name}") };
            let parameters = if signature.parameters == 1 { "(0.3)" } else { "" };
            let operands: Vec<String> = (0..signature.qubits).map(|k| format!("q[{k}]")).collect();
            let n = signature.qubits;
            let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; qubit[{n}] q; {definition}");
            // The definition undoes the matrix: what is left is no gate but a phase.
            let mut product = signature.action(name, &[0.3][..signature.parameters], Version::Two).matrix;
            let read = Circuit::from_qasm(&format!("{text} inv @ {name}{parameters} {};", operands.join(",")));
            for item in read.map(|c| c.items().to_vec()).unwrap_or_default() {
                let crate::circuit::Item::Instruction(i) = item else { continue };
                let size = match i.operation() {
                    crate::circuit::Operation::Gate(g) => g.qubits(),
                    crate::circuit::Operation::Unitary(u) => u.qubits,
                    _ => 1,
                };
                for group in i.targets().chunks_exact(size) {
                    let bits: Vec<usize> = group.iter().filter_map(|t| t.index()).map(|q| q as usize + n).collect();
                    let matrix = match i.operation() {
                        crate::circuit::Operation::Gate(g) => g.unitary(),
                        crate::circuit::Operation::Unitary(u) => u.matrix.clone(),
                        _ => Vec::new(),
                    };
                    crate::operator::apply_to_bits(&mut product, &matrix, &bits);
                }
            }
            let dimension = 1 << n;
            let identity: Vec<Complex64> =
                (0..dimension * dimension).map(|k| Complex64::from(f64::from(u8::from(k % (dimension + 1) == 0)))).collect();
            assert!(alike(&product, &identity), "{name}");
        }
    }

    #[test]
    fn euler_angles_give_the_matrix_back() {
        for (theta, phi, lambda, gamma) in
            [(0.3, 1.2, -2.0, 0.4), (0.0, 0.0, 0.7, -1.0), (PI, 0.2, 0.9, 0.0), (PI, 0.0, 0.0, 2.0), (3.0, -3.0, 3.0, 3.0)]
        {
            let matrix: Vec<Complex64> = u(theta, phi, lambda).iter().map(|x| x * phase(gamma)).collect();
            let (angles, gamma) = euler(&matrix);
            let again: Vec<Complex64> = u(angles[0], angles[1], angles[2]).iter().map(|x| x * phase(gamma)).collect();
            for (a, b) in matrix.iter().zip(&again) {
                assert!((a - b).norm() < 1e-14, "{theta} {phi} {lambda}");
            }
        }
    }

    #[test]
    fn numbers_read_back_the_same() {
        for (x, text) in
            [(PI, "pi"), (-PI / 2.0, "-pi/2"), (3.0 * PI / 4.0, "3*pi/4"), (0.25, "0.25"), (0.0, "0.0"), (1e-300, "1e-300")]
        {
            assert_eq!(shown(x), text);
        }
    }
}
