//! Empty variables count as not set: CI systems set them so, and the SDK takes `AWS_REGION=` for a region. Nor do endpoints
//! count that `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` excludes.

/// Starts the program again in this process, without these variables. The SDK and the programs that are
/// run for it read the environment themselves, and changing that of a running process is not safe.
#[cfg(unix)]
pub fn unset() {
    use std::env;
    use std::os::unix::process::CommandExt as _;

    use crate::aws::environment::ignored_variables;

    let ignored = ignored_variables();
    let (false, Ok(program)) = (ignored.is_empty(), env::current_exe()) else {
        return;
    };
    let mut command = std::process::Command::new(program);
    let mut arguments = env::args_os();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments);
    for name in ignored {
        command.env_remove(name);
    }
    // It returns only if the program is not there any more; then this run goes on as it is.
    let _ = command.exec();
}

#[cfg(not(unix))]
pub fn unset() {}
