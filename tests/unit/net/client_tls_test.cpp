// HTTPS with certificates made on the spot: which servers a client trusts.
#include "net/client.h"

#include "test_client.h"

#include <gmock/gmock.h>

#include <boost/asio/ssl.hpp>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace carevoice::net {
namespace {

using testing::StartsWith;

template <auto free_function>
struct Free {
    template <class T>
    void operator()(T* object) const {
        free_function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

struct Identity {
    Key key{EVP_EC_gen("P-256")};
    Certificate certificate{X509_new()};

    std::string certificate_pem() const {
        const Bio bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(bio.get(), certificate.get());
        return text_of(bio.get());
    }
    std::string key_pem() const {
        const Bio bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text_of(bio.get());
    }
};

void add_extension(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// Signed by `issuer`, or by itself.
Identity make_identity(const std::string& name, const std::string& alternative_names, const Identity* issuer) {
    static long serial = 1;
    Identity identity;
    X509* certificate = identity.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_pubkey(certificate, identity.key.get());
    const Identity& signer = issuer != nullptr ? *issuer : identity;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
    if (issuer == nullptr) add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (!alternative_names.empty()) add_extension(certificate, NID_subject_alt_name, alternative_names);
    X509_sign(certificate, signer.key.get(), EVP_sha256());
    return identity;
}

asio::ssl::context make_context(const Identity& identity) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    const auto certificate = identity.certificate_pem();
    const auto key = identity.key_pem();
    context.use_certificate(asio::buffer(certificate), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(key), asio::ssl::context::pem);
    return context;
}

/// Answers requests on a TLS connection with the server name that the client asked for.
class TlsServer {
public:
    explicit TlsServer(const Identity& identity)
        : context_(make_context(identity)), server_([this](tcp::socket& socket, int) { serve(socket); }) {}
    std::uint16_t port() const { return server_.port(); }

private:
    void serve(tcp::socket& socket) {
        asio::ssl::stream<tcp::socket&> stream(socket, context_);
        boost::system::error_code failure;
        stream.handshake(asio::ssl::stream_base::server, failure);
        while (!failure) {
            std::string head;
            char byte = 0;
            while (!head.ends_with("\r\n\r\n") && stream.read_some(asio::buffer(&byte, 1), failure) == 1) head += byte;
            if (failure) return;
            const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
            const std::string body = name != nullptr ? name : "no name";
            const auto response =
                "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            asio::write(stream, asio::buffer(response), failure);
        }
    }

    asio::ssl::context context_;
    ScriptedServer server_;
};

class ClientTls : public testing::Test {
protected:
    Result<HttpResponse> get(TestClient& client, const TlsServer& server, const std::string& host) {
        return client.begin(server.port(), {.method = "GET", .target = "/"}, 10s, {}, "https", host).get();
    }

    Identity authority_ = make_identity("Test authority", "", nullptr);
};

TEST_F(ClientTls, TrustsTheRightNameFromAKnownAuthority) {
    TlsServer server(make_identity("x", "DNS:localhost,IP:127.0.0.1", &authority_));
    TestClient client({.extra_ca_pem = authority_.certificate_pem()});
    for (int i = 0; i < 2; ++i) {
        const auto answer = get(client, server, "localhost");
        ASSERT_TRUE(answer.has_value()) << answer.error().detail;
        EXPECT_EQ(answer->body, "localhost");
    }
}

TEST_F(ClientTls, TrustsAnAddressThatTheCertificateNames) {
    TlsServer server(make_identity("x", "IP:127.0.0.1", &authority_));
    TestClient client({.extra_ca_pem = authority_.certificate_pem()});
    const auto answer = get(client, server, "127.0.0.1");
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(answer->body, "no name");
}

TEST_F(ClientTls, RefusesTheWrongName) {
    TlsServer server(make_identity("localhost", "DNS:other.example", &authority_));
    TestClient client({.extra_ca_pem = authority_.certificate_pem()});
    const auto answer = get(client, server, "localhost");
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, StartsWith("unsent: "));
}

TEST_F(ClientTls, RefusesAnUnknownAuthority) {
    TlsServer server(make_identity("x", "DNS:localhost", &authority_));
    const auto other = make_identity("Another authority", "", nullptr);
    TestClient client({.extra_ca_pem = other.certificate_pem()});
    EXPECT_EQ(get(client, server, "localhost").error().code, Errc::unavailable);
    TestClient plain;
    EXPECT_EQ(get(plain, server, "localhost").error().code, Errc::unavailable);
}

TEST_F(ClientTls, AsksNoQuestionsWhenToldSo) {
    TlsServer server(make_identity("x", "", nullptr));
    TestClient client({.verify_certificates = false});
    EXPECT_TRUE(get(client, server, "localhost").has_value());
}

TEST_F(ClientTls, APlainServerIsUnavailable) {
    ScriptedServer server(
        [](tcp::socket& socket, int) { ScriptedServer::write(socket, "HTTP/1.1 400 Bad Request\r\n\r\n"); });
    TestClient client;
    const auto answer =
        client.begin(server.port(), {.method = "GET", .target = "/"}, 10s, {}, "https", "localhost").get();
    EXPECT_EQ(answer.error().code, Errc::unavailable);
}

TEST_F(ClientTls, AServerThatNeverShakesHandsRunsIntoTheConnectTimeout) {
    ScriptedServer server([](tcp::socket& socket, int) { ScriptedServer::read_to_end(socket); });
    TestClient client({.connect_timeout = 50ms});
    const auto answer =
        client.begin(server.port(), {.method = "GET", .target = "/"}, 10s, {}, "https", "localhost").get();
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().detail, StartsWith("unsent: "));
}

}  // namespace
}  // namespace carevoice::net
