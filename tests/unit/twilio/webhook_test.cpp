#include "twilio/webhook.h"

#include "unit/twilio/test_data.h"

#include <gtest/gtest.h>

namespace carevoice::twilio {
namespace {

const std::string sid = "CA00000000000000000000000000000001";

Result<Webhook> parse(net::FormFields fields) {
    fields.emplace_back("CallSid", sid);
    return parse_webhook(fields);
}

TEST(Webhook, ReadsEveryRequestOfARecordedCall) {
    std::vector<std::string> statuses;
    for (const auto& line : tests::read_json_lines("media-stream-samples/http-requests.jsonl")) {
        SCOPED_TRACE(tests::text_at(line, "name"));
        if (tests::text_at(line, "method") != "POST") continue;
        const auto fields = net::parse_form(tests::text_at(line, "body")).value();
        const auto webhook = parse_webhook(fields);
        ASSERT_TRUE(webhook) << webhook.error().detail;
        EXPECT_EQ(webhook->call_sid.str(), net::find_field(fields, "CallSid"));
        EXPECT_EQ(webhook->timestamp.has_value(), net::find_field(fields, "Timestamp").has_value());
        EXPECT_EQ(webhook->sequence_number.has_value(), net::find_field(fields, "SequenceNumber").has_value());
        statuses.push_back(webhook->call_status);
    }
    EXPECT_GE(statuses.size(), 6U);
    EXPECT_EQ(statuses.front(), "initiated");
}

TEST(Webhook, ReadsACompletedCall) {
    const auto webhook = parse({{"CallStatus", "completed"},
                                {"SequenceNumber", "3"},
                                {"Timestamp", "Tue, 14 Oct 2025 15:04:05 +0000"},
                                {"CallDuration", "93"},
                                {"Duration", "2"},
                                {"SipResponseCode", "200"},
                                {"NewField", "x"}})
                             .value();
    EXPECT_EQ(webhook.call_status, "completed");
    EXPECT_EQ(webhook.sequence_number, 3U);
    EXPECT_EQ(format_rfc3339(webhook.timestamp.value()), "2025-10-14T15:04:05.000Z");
    EXPECT_EQ(webhook.call_duration_seconds, 93);
    EXPECT_EQ(webhook.sip_response_code, "200");
}

TEST(Webhook, ReadsSpeechKeysAndStreams) {
    const auto gather =
        parse({{"SpeechResult", "about a seven, señora"}, {"Confidence", "0.91"}, {"Digits", "7"}}).value();
    EXPECT_EQ(gather.speech_result, "about a seven, señora");
    EXPECT_DOUBLE_EQ(gather.confidence.value(), 0.91);
    EXPECT_EQ(gather.digits, "7");
    const auto stream = parse({{"StreamSid", "MZ1"},
                               {"StreamEvent", "stream-error"},
                               {"StreamError", "31921"},
                               {"Timestamp", "2025-10-14T15:04:05.250Z"}})
                            .value();
    EXPECT_EQ(stream.stream_event, "stream-error");
    EXPECT_EQ(format_rfc3339(stream.timestamp.value()), "2025-10-14T15:04:05.250Z");
}

TEST(Webhook, TreatsEmptyValuesAsAbsent) {
    const auto webhook =
        parse({{"SequenceNumber", ""}, {"CallDuration", ""}, {"Confidence", ""}, {"Timestamp", ""}}).value();
    EXPECT_FALSE(webhook.sequence_number);
    EXPECT_FALSE(webhook.call_duration_seconds);
    EXPECT_FALSE(webhook.confidence);
    EXPECT_FALSE(webhook.timestamp);
}

TEST(Webhook, NamesTheFieldThatIsNoNumber) {
    const std::pair<const char*, const char*> bad[] = {
        {"SequenceNumber", "-1"},       {"SequenceNumber", "1 "}, {"SequenceNumber", "18446744073709551616"},
        {"CallDuration", "2147483648"}, {"CallDuration", "1.5"},  {"RecordingDuration", "x"},
        {"Confidence", "1.5"},          {"Confidence", "nan"},    {"Confidence", "0.5x"},
        {"Confidence", "-0.1"}};
    for (const auto& [name, value] : bad) {
        const auto webhook = parse({{name, value}});
        ASSERT_TRUE(webhook.has_error()) << name << "=" << value;
        EXPECT_EQ(webhook.error().code, Errc::invalid_input);
        EXPECT_EQ(webhook.error().field, name);
    }
}

TEST(Webhook, RefusesAMissingOrMalformedCallSid) {
    for (const std::string& bad : {std::string(), std::string("CA1"), "MZ" + sid.substr(2), sid + "0",
                                   std::string("CA'; drop table calls; --0000000000000")}) {
        const auto webhook = parse_webhook({{"CallSid", bad}});
        ASSERT_TRUE(webhook.has_error()) << bad;
        EXPECT_EQ(webhook.error().field, "CallSid");
    }
    EXPECT_TRUE(parse_webhook({}).has_error());
}

}  // namespace
}  // namespace carevoice::twilio
