#include "twilio/webhook.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace carevoice::twilio {

namespace {

/// Twilio sends what it does not know as an empty string: the same as absent.
std::string_view text_of(const net::FormFields& fields, std::string_view name) {
    return net::find_field(fields, name).value_or(std::string_view{});
}

Error not_a_number(std::string_view name) {
    return Error{Errc::invalid_input, std::string(name) + " is not a number in its range", std::string(name)};
}

bool is_call_sid(std::string_view text) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return text.size() == 34 && text.starts_with("CA") && std::ranges::all_of(text.substr(2), is_hex);
}

Result<std::optional<std::uint64_t>> whole_number(const net::FormFields& fields, std::string_view name,
                                                  std::uint64_t most) {
    const std::string_view text = text_of(fields, name);
    if (text.empty()) return std::optional<std::uint64_t>{};
    const auto number = parse_digits(text);
    if (!number || *number > most) return not_a_number(name);
    return number;
}

Result<> read_seconds(const net::FormFields& fields, std::string_view name, std::optional<int>& seconds) {
    const auto number = whole_number(fields, name, static_cast<std::uint64_t>(std::numeric_limits<int>::max()));
    if (number.has_error()) return number.error();
    if (*number) seconds = static_cast<int>(**number);
    return {};
}

Result<> read_confidence(const net::FormFields& fields, std::optional<double>& confidence) {
    const std::string_view text = text_of(fields, "Confidence");
    if (text.empty()) return {};
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Written so that "nan" fails too.
    const bool in_range = value >= 0 && value <= 1;
    if (failure != std::errc{} || end != text.data() + text.size() || !in_range) return not_a_number("Confidence");
    confidence = value;
    return {};
}

/// Status callbacks write RFC 2822, stream callbacks ISO 8601. It only serves records, so that an odd one is no reason
/// to refuse a signed request.
std::optional<WallTime> timestamp_of(const net::FormFields& fields) {
    const std::string_view text = text_of(fields, "Timestamp");
    if (const auto time = parse_rfc2822(text)) return *time;
    if (const auto time = parse_rfc3339(text)) return *time;
    return std::nullopt;
}

}  // namespace

Result<Webhook> parse_webhook(const net::FormFields& fields) {
    const std::string_view sid = text_of(fields, "CallSid");
    if (!is_call_sid(sid)) return Error{Errc::invalid_input, "CallSid is missing or malformed", "CallSid"};

    Webhook webhook;
    webhook.call_sid = CallSid(std::string(sid));
    const std::pair<std::string_view, std::string*> texts[] = {
        {"AccountSid", &webhook.account_sid},
        {"CallStatus", &webhook.call_status},
        {"AnsweredBy", &webhook.answered_by},
        {"Digits", &webhook.digits},
        {"SpeechResult", &webhook.speech_result},
        {"StreamSid", &webhook.stream_sid},
        {"StreamEvent", &webhook.stream_event},
        {"StreamError", &webhook.stream_error},
        {"RecordingSid", &webhook.recording_sid},
        {"RecordingStatus", &webhook.recording_status},
        {"SipResponseCode", &webhook.sip_response_code},
        {"DialCallStatus", &webhook.dial_call_status},
        {"ErrorCode", &webhook.error_code},
    };
    for (const auto& [name, field] : texts) *field = text_of(fields, name);

    const auto sequence = whole_number(fields, "SequenceNumber", std::numeric_limits<std::uint64_t>::max());
    if (sequence.has_error()) return sequence.error();
    webhook.sequence_number = *sequence;
    if (const auto read = read_seconds(fields, "CallDuration", webhook.call_duration_seconds); read.has_error())
        return read.error();
    if (const auto read = read_seconds(fields, "RecordingDuration", webhook.recording_duration_seconds);
        read.has_error())
        return read.error();
    if (const auto read = read_confidence(fields, webhook.confidence); read.has_error()) return read.error();
    webhook.timestamp = timestamp_of(fields);
    return webhook;
}

}  // namespace carevoice::twilio
