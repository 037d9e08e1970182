//! The program. What it does is in the library beside it, which the compiler can begin with before
//! all it rests on is done; a program has to wait for that.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
