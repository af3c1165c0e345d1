#include "notify/webhook_signature.h"

#include <gtest/gtest.h>

namespace carevoice::notify {
namespace {

/// The example of the Standard Webhooks specification, whose answer was not computed by us.
TEST(WebhookSignature, IsTheOneOfTheSpecification) {
    const auto key = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->size(), 24U);
    EXPECT_EQ(sign_webhook(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, CoversEveryPart) {
    const std::string key(32, 'k');
    const auto signature = sign_webhook(key, "id", "1", "body");
    EXPECT_NE(signature, sign_webhook(key, "ie", "1", "body"));
    EXPECT_NE(signature, sign_webhook(key, "id", "2", "body"));
    EXPECT_NE(signature, sign_webhook(key, "id", "1", "bodz"));
    EXPECT_NE(signature, sign_webhook(std::string(32, 'l'), "id", "1", "body"));
}

TEST(WebhookSignature, ASecretIsTextOrBase64) {
    EXPECT_EQ(webhook_key("a secret of some 24 bytes or more").value(), "a secret of some 24 bytes or more");
    EXPECT_EQ(webhook_key("short").error().code, Errc::invalid_input);
    EXPECT_EQ(webhook_key("").error().code, Errc::invalid_input);
    EXPECT_EQ(webhook_key("whsec_not*base64*at*all*not*base64*at*all").error().code, Errc::invalid_input);
    EXPECT_EQ(webhook_key("whsec_AAAA").error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace carevoice::notify
