//! A method per gate, the same for density matrices and state vectors.

/// The gates as methods of `$state`, which has `named`, `turned` and an `OBJECT`: `#[pymethods]` sees no macros inside its
/// block, so that the macro has to write the whole block.
macro_rules! gate_methods {
    ($state:ident) => {
        #[pymethods]
        impl $state {
            /// Apply the Hadamard gate.
            fn h(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::H, &[("qubit", qubit)])
            }
            /// Apply Pauli X.
            fn x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::X, &[("qubit", qubit)])
            }
            /// Apply Pauli Y.
            fn y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::Y, &[("qubit", qubit)])
            }
            /// Apply Pauli Z.
            fn z(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::Z, &[("qubit", qubit)])
            }
            /// Apply diag(1, i).
            fn s(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::S, &[("qubit", qubit)])
            }
            /// Apply diag(1, -i).
            fn s_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::SDag, &[("qubit", qubit)])
            }
            /// Apply the square root of X, (I - iX)/sqrt 2 up to a phase.
            fn sqrt_x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::SqrtX, &[("qubit", qubit)])
            }
            /// Apply the inverse of ``sqrt_x``.
            fn sqrt_x_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::SqrtXDag, &[("qubit", qubit)])
            }
            /// Apply the square root of Y, (I - iY)/sqrt 2 up to a phase.
            fn sqrt_y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::SqrtY, &[("qubit", qubit)])
            }
            /// Apply the inverse of ``sqrt_y``.
            fn sqrt_y_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::SqrtYDag, &[("qubit", qubit)])
            }
            /// Apply X to ``target`` if ``control`` is 1.
            fn cx(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::CX, &[("control", control), ("target", target)])
            }
            /// Apply Y to ``target`` if ``control`` is 1.
            fn cy(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::CY, &[("control", control), ("target", target)])
            }
            /// Flip the sign if both qubits are 1.
            fn cz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::CZ, &[("a", a), ("b", b)])
            }
            /// Exchange two qubits.
            fn swap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::Swap, &[("a", a), ("b", b)])
            }
            /// Exchange two qubits, with a factor i on |01> and |10>.
            fn iswap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.named(Gate::ISwap, &[("a", a), ("b", b)])
            }
            /// Apply diag(1, e^(i pi/4)).
            fn t(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::T, &[("qubit", qubit)])
            }
            /// Apply the inverse of ``t``.
            fn t_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::TDag, &[("qubit", qubit)])
            }
            /// Apply e^(-i angle/2 X), angle in radians.
            fn rx(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Rx(dense::angle(OBJECT, "angle", angle)?), &[("qubit", qubit)])
            }
            /// Apply e^(-i angle/2 Y), angle in radians.
            fn ry(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Ry(dense::angle(OBJECT, "angle", angle)?), &[("qubit", qubit)])
            }
            /// Apply e^(-i angle/2 Z), angle in radians.
            fn rz(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Rz(dense::angle(OBJECT, "angle", angle)?), &[("qubit", qubit)])
            }
            /// Apply diag(1, e^(i angle)), angle in radians.
            fn phase(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Phase(dense::angle(OBJECT, "angle", angle)?), &[("qubit", qubit)])
            }
            /// Apply OpenQASM 3's U(theta, phi, lambda), angles in radians (doi:10.1145/3505636).
            fn u(
                &mut self,
                theta: &Bound<'_, PyAny>,
                phi: &Bound<'_, PyAny>,
                lam: &Bound<'_, PyAny>,
                qubit: &Bound<'_, PyAny>,
            ) -> PyResult<()> {
                self.turned(
                    Rotation::U(
                        dense::angle(OBJECT, "theta", theta)?,
                        dense::angle(OBJECT, "phi", phi)?,
                        dense::angle(OBJECT, "lam", lam)?,
                    ),
                    &[("qubit", qubit)],
                )
            }
            /// Apply ``rx(angle)`` to ``target`` if ``control`` is 1, angle in radians.
            fn crx(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Crx(dense::angle(OBJECT, "angle", angle)?), &[("control", control), ("target", target)])
            }
            /// Apply ``ry(angle)`` to ``target`` if ``control`` is 1, angle in radians.
            fn cry(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Cry(dense::angle(OBJECT, "angle", angle)?), &[("control", control), ("target", target)])
            }
            /// Apply ``rz(angle)`` to ``target`` if ``control`` is 1, angle in radians.
            fn crz(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Crz(dense::angle(OBJECT, "angle", angle)?), &[("control", control), ("target", target)])
            }
            /// Apply the phase e^(i angle) if both qubits are 1, angle in radians.
            fn cphase(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::CPhase(dense::angle(OBJECT, "angle", angle)?), &[("a", a), ("b", b)])
            }
            /// Apply e^(-i angle/2 XX), angle in radians.
            fn rxx(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Rxx(dense::angle(OBJECT, "angle", angle)?), &[("a", a), ("b", b)])
            }
            /// Apply e^(-i angle/2 YY), angle in radians.
            fn ryy(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Ryy(dense::angle(OBJECT, "angle", angle)?), &[("a", a), ("b", b)])
            }
            /// Apply e^(-i angle/2 ZZ), angle in radians.
            fn rzz(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Rzz(dense::angle(OBJECT, "angle", angle)?), &[("a", a), ("b", b)])
            }
            /// Apply X to ``target`` if ``control`` and ``other`` are 1.
            fn ccx(&mut self, control: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Ccx, &[("control", control), ("other", other), ("target", target)])
            }
            /// Flip the sign if all three qubits are 1.
            fn ccz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>, c: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Ccz, &[("a", a), ("b", b), ("c", c)])
            }
            /// Exchange ``a`` and ``b`` if ``control`` is 1.
            fn cswap(&mut self, control: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
                self.turned(Rotation::Cswap, &[("control", control), ("a", a), ("b", b)])
            }
        }
    };
}
