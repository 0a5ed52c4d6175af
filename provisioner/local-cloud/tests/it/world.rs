//! A cloud in a folder of its own, clients for it, and zips to run.
