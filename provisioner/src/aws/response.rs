//! What an HTTP response says beside its body: the request ID, the code of an error, and whether AWS sent it
//! at all.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::report::escape;

/// How much of a response that AWS did not send is shown, in characters.
const EXCERPT: usize = 200;

/// What AWS's support asks for.
pub fn request_id(response: &HttpResponse) -> Option<String> {
    let names = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"];
    let id = names.iter().find_map(|name| response.headers().get(name))?;
    Some(one_line(id))
}

/// The code of an error: in a header, in `__type` of JSON, or in `<Code>` of XML.
pub fn error_code(response: &HttpResponse) -> Option<String> {
    if response.status().is_success() {
        return None;
    }
    let header = response.headers().get("x-amzn-errortype");
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let in_body = [r#""__type":""#, "<Code>"].iter().find_map(|before| {
        let (_, rest) = body.split_once(before)?;
        rest.split(['"', '<']).next().map(str::to_owned)
    });
    let code = header.map(str::to_owned).or(in_body)?;
    // `aws.protocoltests#FooError:http://…`
    let code = code.split('#').next_back()?.split(':').next()?;
    let is_code = !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    is_code.then(|| code.to_owned())
}

/// The response of a proxy, a captive portal or another program: its status and how it begins.
pub fn excerpt(response: &HttpResponse) -> String {
    let status = response.status().as_u16();
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let body = one_line(&body);
    if body.is_empty() {
        return format!("HTTP status {status} without a body");
    }
    let mut shown: String = body.chars().take(EXCERPT).collect();
    if shown.len() < body.len() {
        shown.push('…');
    }
    format!("HTTP status {status}, not a response of AWS: {shown}")
}

/// The text on one line, without control characters.
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    escape::value(&words.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::{error_code, excerpt, request_id};

    fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> HttpResponse {
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(*name, *value);
        }
        response
    }

    #[test]
    fn a_page_of_html_is_shown_on_one_line_up_to_200_characters() {
        let page = response(511, &[], "<html>\r\n  <title>Log\u{1b}[2J in</title>");
        assert_eq!(
            excerpt(&page),
            "HTTP status 511, not a response of AWS: <html> <title>Log\\u{1b}[2J in</title>"
        );
        let long = response(200, &[], &"ä".repeat(300));
        let shown = format!(
            "HTTP status 200, not a response of AWS: {}…",
            "ä".repeat(200)
        );
        assert_eq!(excerpt(&long), shown);
        assert_eq!(
            excerpt(&response(502, &[], " ")),
            "HTTP status 502 without a body"
        );
    }

    #[test]
    fn the_code_is_where_each_protocol_has_it() {
        let check = |headers, body, expected: Option<&str>| {
            let response = response(400, headers, body);
            assert_eq!(error_code(&response).as_deref(), expected, "{body}");
        };
        let header = [("x-amzn-errortype", "ResourceConflictException:http://x/")];
        check(&header, "{}", Some("ResourceConflictException"));
        check(
            &[],
            r#"{"__type":"com.amazonaws#LimitExceeded"}"#,
            Some("LimitExceeded"),
        );
        check(
            &[],
            "<Error><Code>NoSuchEntity</Code></Error>",
            Some("NoSuchEntity"),
        );
        check(&[], "<html>", None);
    }

    #[test]
    fn a_request_id_is_found_under_each_of_its_names() {
        for name in ["x-amzn-requestid", "x-amzn-RequestId", "x-amz-request-id"] {
            let response = response(200, &[(name, "7c1f")], "");
            assert_eq!(request_id(&response).as_deref(), Some("7c1f"), "{name}");
        }
    }
}
