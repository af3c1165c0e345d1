#include "ai/server_error.h"

#include "support/fake_chat_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::ai {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using tests::gemini_error;

constexpr std::string_view secret = "Maria Lopez said her wound smells";

TEST(ServerError, TellsStatusesApart) {
    for (const auto& [status, code] : std::vector<std::pair<int, Errc>>{{302, Errc::rejected},
                                                                        {400, Errc::rejected},
                                                                        {401, Errc::rejected},
                                                                        {403, Errc::rejected},
                                                                        {404, Errc::rejected},
                                                                        {408, Errc::unavailable},
                                                                        {429, Errc::unavailable},
                                                                        {500, Errc::unavailable},
                                                                        {503, Errc::unavailable}})
        for (const char* body : {"", "<html>Bad gateway</html>", "[]", "{}", "[{\"error\":null}]", "{\"error\":7}"}) {
            const auto read = read_server_error(status, std::nullopt, body);
            EXPECT_EQ(read.error.code, code) << status << body;
            EXPECT_EQ(read.error.provider_code, status) << status << body;
            EXPECT_EQ(read.wait > 0ms, status == 429) << status << body;
        }
}

TEST(ServerError, NeverRepeatsTheServersMessage) {
    for (const auto& body :
         {gemini_error(400, "INVALID_ARGUMENT", secret), gemini_error(400, secret, secret),
          "{\"error\":{\"message\":\"" + std::string(secret) + "\",\"type\":\"invalid_request_error\"}}",
          "{\"error\":\"" + std::string(secret) + "\"}", "[" + gemini_error(400, "INVALID_ARGUMENT", secret) + "]"})
        EXPECT_THAT(read_server_error(400, std::nullopt, body).error.detail, Not(HasSubstr("Maria"))) << body;
    EXPECT_THAT(read_server_error(400, std::nullopt, gemini_error(400, "INVALID_ARGUMENT")).error.detail,
                HasSubstr("400 INVALID_ARGUMENT"));
    EXPECT_THAT(
        read_server_error(400, std::nullopt, R"({"error":{"message":"m","code":"model_not_found"}})").error.detail,
        HasSubstr("model_not_found"));
}

TEST(ServerError, WaitsAsLongAsTheServerSays) {
    const auto limited = [](std::string_view details, std::optional<std::string_view> field = std::nullopt) {
        return read_server_error(429, field, gemini_error(429, "RESOURCE_EXHAUSTED", "m", details)).wait;
    };
    EXPECT_EQ(limited("[]"), 2'000ms);
    EXPECT_EQ(limited("[]", "7"), 7'000ms);
    EXPECT_EQ(limited("[]", "Wed, 21 Oct 2026 07:28:00 GMT"), 2'000ms);
    EXPECT_EQ(limited(R"([{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37.5s"}])"), 37'500ms);
    EXPECT_EQ(limited(R"([{"retryDelay":"1e300s"}])"), 3'600'000ms);
    EXPECT_EQ(limited(R"([{"retryDelay":"-5s"},7,null,{"retryDelay":9},{"violations":{}},{"violations":[1,{}]}])"),
              2'000ms);
    EXPECT_EQ(limited(R"([{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel"}]},
                          {"retryDelay":"3s"}])"),
              15min);
    EXPECT_EQ(read_server_error(429, std::nullopt, R"({"error":{"code":"insufficient_quota"}})").wait, 15min);
    EXPECT_EQ(read_server_error(503, "4", "").wait, 4'000ms);
}

TEST(ServerError, KnowsAKeyThatIsWrong) {
    const auto read = read_server_error(
        400, std::nullopt, gemini_error(400, "INVALID_ARGUMENT", "m", R"([{"reason":"API_KEY_INVALID"}])"));
    EXPECT_EQ(read.error.code, Errc::rejected);
    EXPECT_THAT(read.error.detail, HasSubstr("does not know our key"));
}

TEST(ServerError, IsFoundAfterTheStatus200) {
    const auto find = [](std::string_view body) { return find_server_error(boost::json::parse(body)); };
    EXPECT_FALSE(find(R"({"candidates":[]})"));
    EXPECT_FALSE(find(R"({"error":null})"));
    EXPECT_FALSE(find("[]"));
    EXPECT_FALSE(find("7"));
    EXPECT_EQ(find(gemini_error(429, "RESOURCE_EXHAUSTED"))->error.provider_code, 429);
    EXPECT_EQ(find("[" + gemini_error(400, "INVALID_ARGUMENT") + "]")->error.code, Errc::rejected);
    EXPECT_EQ(find(R"({"error":{"code":"rate_limit_exceeded"}})")->error.provider_code, 429);
    EXPECT_EQ(find(R"({"error":"overloaded"})")->error.code, Errc::unavailable);
    EXPECT_EQ(find(R"({"error":{"code":-1}})")->error.provider_code, 500);
}

}  // namespace
}  // namespace carevoice::ai
