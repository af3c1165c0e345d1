#include "net/client.h"

#include <gtest/gtest.h>

namespace carevoice::net {
namespace {

TEST(ParseUrl, TakesAUrlApart) {
    const auto url = parse_url("HTTPS://API.Twilio.com:8443/2010/Calls.json?a=b#part");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "api.twilio.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/2010/Calls.json?a=b");
}

TEST(ParseUrl, KnowsTheDefaultPorts) {
    EXPECT_EQ(parse_url("http://h")->port, 80);
    EXPECT_EQ(parse_url("https://h")->port, 443);
    EXPECT_EQ(parse_url("ws://h")->port, 80);
    EXPECT_EQ(parse_url("wss://h")->port, 443);
}

TEST(ParseUrl, GivesAPathWhereThereIsNone) {
    EXPECT_EQ(parse_url("http://h")->path, "/");
    EXPECT_EQ(parse_url("http://h?q=1")->path, "/?q=1");
    EXPECT_EQ(parse_url("http://h#f")->path, "/");
}

TEST(ParseUrl, ReadsIpv6WithoutBrackets) {
    const auto url = parse_url("http://[::1]:81/x");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->port, 81);
}

TEST(ParseUrl, RefusesWhatIsNoUrlOfOurs) {
    for (const char* text :
         {"", "h", "//h/", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h:x/",
          "http://h:", "http://user:pw@h/", "http://h /", "http://h/a b", "http://h/\r\nX: y", "http://[::1",
          "http://[zz]/", "http://é/", "http://[::1]x/", "javascript:alert(1)"}) {
        const auto url = parse_url(text);
        ASSERT_TRUE(url.has_error()) << text;
        EXPECT_EQ(url.error().code, Errc::invalid_input) << text;
    }
}

}  // namespace
}  // namespace carevoice::net
