//! The names that belong to one account and one run, and their removal from texts: the same text of two
//! clouds becomes equal, and the report can be sent to others.

/// The ends of ARNs of callers, from which on they name a person or a session.
const CALLERS: [&str; 4] = [":user/", ":assumed-role/", ":federated-user/", ":root"];

/// The values of one run.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub account: String,
    pub region: String,
    pub stage: String,
}

impl Names {
    /// The text without what names the account, the caller, the region or the stage.
    pub fn hide(&self, text: &str) -> String {
        let words = text.split_inclusive(|c: char| c.is_whitespace() || "\"'`,;()".contains(c));
        let words = words.map(|word| {
            let end = word.trim_end_matches(|c: char| c.is_whitespace() || "\"'`,;()".contains(c));
            let is_caller = CALLERS.iter().any(|of| end.contains(of));
            if is_caller {
                format!("<caller>{}", &word[end.len()..])
            } else {
                word.to_owned()
            }
        });
        let mut text: String = words.collect();
        for (value, name) in [
            (&self.account, "<account>"),
            (&self.stage, "<stage>"),
            (&self.region, "<region>"),
        ] {
            if !value.is_empty() {
                text = text.replace(value.as_str(), name);
            }
        }
        text
    }

    /// As `hide`, and without what differs between any two answers: times, ids, hashes and URLs.
    pub fn reduce(&self, text: &str) -> String {
        if text.starts_with("https://") || text.starts_with("http://") {
            return "<url>".to_owned();
        }
        // The function of the local cloud is built for this machine.
        if ["arm64", "x86_64"].contains(&text) {
            return "<architecture>".to_owned();
        }
        // The plan compares those: it knows more ways to write the same.
        if text.starts_with("%7B") || text.starts_with('{') {
            return "<document>".to_owned();
        }
        let text = self.hide(text);
        if is_time(&text) {
            return "<time>".to_owned();
        }
        if text.len() >= 40 && text.bytes().all(is_base64) {
            return "<hash>".to_owned();
        }
        without_ids(&text)
    }
}

/// `2026-11-28T08:00:00.000+0000` and the like.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    bytes.len() >= 19
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && [0, 3, 5, 8, 11].map(digit) == [true; 5]
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// UUIDs, hashes and commits, and the ids of IAM.
fn without_ids(text: &str) -> String {
    let mut reduced = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || (c == '-' && is_uuid_so_far(&word)) {
            word.push(c);
            continue;
        }
        reduced.push_str(if is_id(&word) { "<id>" } else { &word });
        word.clear();
        reduced.push(c);
    }
    reduced.pop();
    reduced
}

fn is_uuid_so_far(word: &str) -> bool {
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    [8, 13, 18, 23].contains(&word.len()) && word.split('-').all(hex)
}

fn is_id(word: &str) -> bool {
    let any = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let all = |is: fn(&u8) -> bool| word.bytes().all(|byte| is(&byte));
    let is_mixed = any(u8::is_ascii_digit) && any(u8::is_ascii_alphabetic);
    // `AROA…` may have no digit.
    let is_upper = all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_hex = all(u8::is_ascii_hexdigit);
    (word.len() >= 16 && (is_mixed || is_upper)) || (word.len() >= 12 && is_mixed && is_hex)
}

#[cfg(test)]
mod tests {
    use super::Names;

    fn names() -> Names {
        Names {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            stage: "certify-a1b2c3".to_owned(),
        }
    }

    #[test]
    fn nothing_of_the_account_is_left() {
        let check = |text: &str, expected: &str| assert_eq!(names().hide(text), expected);
        check(
            "arn:aws:lambda:eu-west-1:111122223333:function:RequestUnicorn-certify-a1b2c3",
            "arn:aws:lambda:<region>:<account>:function:RequestUnicorn-<stage>",
        );
        check(
            "User: arn:aws:sts::111122223333:assumed-role/Admin/jane@example.com is not authorized",
            "User: <caller> is not authorized",
        );
        check("by arn:aws:iam::1:user/jane", "by <caller>");
    }

    #[test]
    fn what_differs_between_two_answers_is_a_placeholder() {
        let check = |text: &str, expected: &str| assert_eq!(names().reduce(text), expected);
        check("AROA2ABCDEFGHIJKLMNOP", "<id>");
        check("AROAHPPNAHNLHHKYZNSYB", "<id>");
        check("source=x commit=99034d33bbbd", "source=x commit=<id>");
        check("0f8fad5b-d9cb-469f-a165-70867728950e", "<id>");
        check("2026-11-28T08:00:00.000+0000", "<time>");
        check("tkAbcP8ElquOkeQBz2ZujZ1+LXz315bV1xj8Ant0DXo=", "<hash>");
        check("https://awslambda.example/x?y", "<url>");
        check("proven 487c312a9bb4d182 as 1", "proven <id> as 1");
        check("%7B%22Version%22%3A%222012-10-17%22%7D", "<document>");
        check("provided.al2023", "provided.al2023");
        check("AWSLambdaBasicExecutionRole", "AWSLambdaBasicExecutionRole");
    }
}
