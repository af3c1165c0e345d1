#include "notify/sms_channel.h"

#include "notification_samples.h"
#include "notify/in_app_channel.h"
#include "support/fake_telephony.h"
#include "support/run_coroutine.h"

#include <gmock/gmock.h>

namespace carevoice::notify {
namespace {

using namespace std::chrono_literals;

struct Sms {
    tests::FakeTelephony telephony;
    SmsChannel channel{telephony, "+12125550100"};

    Delivery deliver(std::string to = "+14155550111") {
        auto message = sample_message(sample_notification(domain::Channel::sms, std::move(to)));
        return tests::run(channel.deliver(std::move(message), Deadline::in(5s)));
    }
    Error failure(Errc code, int provider_code = 0) {
        telephony.message_error = Error{code, "about +14155550111", "", provider_code};
        return deliver().receipt.error();
    }
};

TEST(SmsChannel, SendsTheShortForm) {
    Sms sms;
    EXPECT_EQ(sms.deliver().receipt.value(), "SM1");
    ASSERT_EQ(sms.telephony.messages.size(), 1U);
    EXPECT_EQ(sms.telephony.messages[0].to, "+14155550111");
    EXPECT_EQ(sms.telephony.messages[0].from, "+12125550100");
    EXPECT_EQ(sms.telephony.messages[0].body,
              "An alert about one of your patients waits (high). https://voice.example.org/alerts/alert-1");
}

TEST(SmsChannel, TellsWhatMayWorkLaterFromWhatNeverWill) {
    Sms sms;
    EXPECT_EQ(sms.failure(Errc::unavailable, 429).code, Errc::unavailable);
    EXPECT_EQ(sms.failure(Errc::timed_out).code, Errc::timed_out);
    EXPECT_EQ(sms.failure(Errc::unauthorised, 20003).code, Errc::unavailable);
    EXPECT_EQ(sms.failure(Errc::corrupt).code, Errc::unavailable);
    EXPECT_EQ(sms.failure(Errc::rejected, 21211).code, Errc::rejected);
    EXPECT_EQ(sms.failure(Errc::invalid_input).code, Errc::invalid_input);
}

TEST(SmsChannel, ErrorsDoNotRepeatTheNumber) {
    Sms sms;
    for (const auto code : {Errc::unavailable, Errc::timed_out, Errc::rejected, Errc::invalid_input, Errc::internal})
        EXPECT_THAT(sms.failure(code, 21211).detail, testing::Not(testing::HasSubstr("555")));
    EXPECT_THAT(sms.failure(Errc::rejected, 21211).detail, testing::HasSubstr("21211"));
}

TEST(InAppChannel, PublishesTheAlert) {
    std::vector<AlertId> seen;
    InAppChannel channel([&](const AlertId& id) { seen.push_back(id); });
    EXPECT_EQ(channel.kind(), domain::Channel::in_app);
    auto message = sample_message(sample_notification(domain::Channel::in_app, "wall"));
    const auto delivery = tests::run(channel.deliver(std::move(message), Deadline::in(5s)));
    EXPECT_TRUE(delivery.receipt.has_value());
    EXPECT_EQ(seen, std::vector{AlertId("alert-1")});
}

}  // namespace
}  // namespace carevoice::notify
