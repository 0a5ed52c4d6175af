//! RequestUnicorn.
