#include "core/text.h"

#include "core/random.h"

#include <gtest/gtest.h>

namespace carevoice {
namespace {

std::string encode(std::string_view bytes) {
    return base64_encode(std::as_bytes(std::span(bytes)));
}

std::string decode(std::string_view text) {
    std::vector<std::uint8_t> out;
    if (!base64_decode(text, out)) return "refused";
    return {out.begin(), out.end()};
}

TEST(Base64, FitsTheVectorsOfRfc4648) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encode(bytes), text);
        EXPECT_EQ(decode(text), bytes);
    }
}

TEST(Base64, PaddingMayBeMissing) {
    EXPECT_EQ(decode("Zg"), "f");
    EXPECT_EQ(decode("Zm8"), "fo");
}

TEST(Base64, RefusesForeignCharactersAndLengthsAndLeavesTheOutputAlone) {
    std::vector<std::uint8_t> out{1, 2, 3};
    for (const char* text : {"@@@@", "Zg=a", "Z", "Zm9vY", "Zm 9v", "Zm9v\n"}) {
        EXPECT_FALSE(base64_decode(text, out)) << text;
        EXPECT_EQ(out, (std::vector<std::uint8_t>{1, 2, 3})) << text;
    }
}

TEST(Base64, RoundTripsEveryLength) {
    SeededRandom random(1);
    for (std::size_t length = 0; length < 400; ++length) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(random.next_u64());
        EXPECT_EQ(decode(encode(bytes)), bytes) << length;
    }
}

TEST(Utf8, AcceptsEveryPlane) {
    EXPECT_TRUE(is_valid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
}

TEST(Utf8, RefusesOverlongSurrogatesTruncatedAndTooHigh) {
    for (const std::string_view text : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                        "\xF8\x88\x80\x80\x80", "\xC3", "\xE2\x82", "\x80", "\xFF"})
        EXPECT_FALSE(is_valid_utf8(text));
}

TEST(Digits, AreDigitsOnly) {
    EXPECT_EQ(parse_digits("18446744073709551615"), 18446744073709551615ULL);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "12x", "18446744073709551616", "1.0"})
        EXPECT_EQ(parse_digits(text), std::nullopt) << text;
}

TEST(E164, IsStrict) {
    for (const char* text : {"+14155550123", "+4915112345678", "+12345678"}) EXPECT_TRUE(is_e164(text)) << text;
    for (const char* text : {"", "14155550123", "+0415555012", "+1 415 555 0123", "+1415555012345678", "+1234567",
                             "+1415555a123", "++1415555012"})
        EXPECT_FALSE(is_e164(text)) << text;
}

TEST(Text, TrimsAndLowersAndCompares) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(to_lower_ascii("ÄBc"), "Äbc");
    EXPECT_TRUE(equals_ignoring_case("X-Twilio-Signature", "x-twilio-signature"));
    EXPECT_FALSE(equals_ignoring_case("abc", "ab"));
}

}  // namespace
}  // namespace carevoice
