//! Empty variables count as not set: CI systems set them so, and the SDK takes `AWS_REGION=` for a region.

use std::env;

use crate::aws::environment::empty_variables;

/// Starts the program again in this process, without the variables that are empty. The SDK and the programs that are
/// run for it read the environment themselves, and changing that of a running process is not safe.
#[cfg(unix)]
pub fn unset() {
    use std::os::unix::process::CommandExt as _;

    let empty = empty_variables();
    let (false, Ok(program)) = (empty.is_empty(), env::current_exe()) else {
        return;
    };
    let mut command = std::process::Command::new(program);
    let mut arguments = env::args_os();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments);
    for name in empty {
        command.env_remove(name);
    }
    // It returns only if the program is not there any more; then this run goes on as it is.
    let _ = command.exec();
}

#[cfg(not(unix))]
pub fn unset() {}
