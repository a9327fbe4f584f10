package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://bitbucket.org/acme/shop.git",
                "https://bitbucket.org/acme/shop",
                "https://bitbucket.org/acme/shop/",
                "https://bitbucket.org/acme/shop.git/",
                "http://bitbucket.org/acme/shop",
                "HTTPS://Bitbucket.ORG/Acme/Shop.git",
                "https://jane@bitbucket.org/acme/shop.git",
                "https://jane:secret@bitbucket.org/acme/shop.git",
                "https://x-token-auth:ATCT-x=@bitbucket.org/acme/shop.git",
                "https://x-bitbucket-api-token-auth:ATATT3x@bitbucket.org/acme/shop.git",
                "https://jane@mail.example:pass@bitbucket.org/acme/shop",
                "https://bitbucket.org:443/acme/shop",
                "https://www.bitbucket.org/acme/shop",
                "https://bitbucket.org//acme//shop",
                "https://bitbucket.org/acme/shop/src/main/?at=main#readme",
                "git@bitbucket.org:acme/shop.git",
                "git@bitbucket.org:acme/shop",
                "git@bitbucket.org:/acme/shop.git",
                "bitbucket.org:acme/shop.git",
                "ssh://git@bitbucket.org/acme/shop.git",
                "ssh://bitbucket.org/acme/shop",
                "ssh://git@bitbucket.org:22/acme/shop.git",
                "ssh://git@bitbucket.org:acme/shop.git",
                "ssh://git@altssh.bitbucket.org:443/acme/shop.git",
                "git@altssh.bitbucket.org:443/acme/shop.git",
                "ssh://git@ssh.bitbucket.org/acme/shop",
                "git+ssh://git@bitbucket.org/acme/shop.git",
                "git://bitbucket.org/acme/shop.git",
                "scm:git:https://bitbucket.org/acme/shop.git",
                "scm:git:git@bitbucket.org:acme/shop.git",
                "scm:git|ssh://git@bitbucket.org/acme/shop.git",
                "scm:git:ssh://git@altssh.bitbucket.org:443/acme/shop.git/module/child",
                "scm:git:git@bitbucket.org:acme/shop.git/module",
                "scm:git:[fetch=]https://bitbucket.org/acme/shop.git[push=]git@bitbucket.org:acme/other.git",
                "scm:git:ssh://git@bitbucket.org:acme/shop.git",
                "scm:git:https://bitbucket.org/acme/shop.git[push=]git@bitbucket.org:acme/shop.git",
                "SCM:GIT:HTTPS://BITBUCKET.ORG/ACME/SHOP.GIT",
                "git@BITBUCKET.ORG:Acme/Shop.GIT",
                "git@ssh.bitbucket.org:acme/shop.git",
                "git@altssh.bitbucket.org:acme/shop.git",
                "ssh://altssh.bitbucket.org:443/acme/shop/",
                "ssh+git://git@bitbucket.org/acme/shop.git",
                "https://jane%40mail.example:p%2Fw@bitbucket.org/acme/shop.git",
                "https://bitbucket.org/acme/shop.git///",
                "https://bitbucket.org/acme/sh%6Fp.git",
                "https://bitbucket.org/acme%2fshop",
                "git@bitbucket.org:22/acme/shop.git",
                "scm:git:git@bitbucket.org:443/acme/shop.git",
                "git@bitbucket.org:acme/shop/",
                "  https://bitbucket.org/acme/shop.git\n",
            })
    void bitbucketUrlIsParsed(String address) {
        assertThat(RemoteUrl.parse(address)).contains(new RepositoryId("acme", "shop"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "https://github.com/acme/shop.git",
                "https://notbitbucket.org/acme/shop",
                "https://bitbucket.org.evil.example/acme/shop",
                "https://bitbucket.org.evil.com/acme/shop.git",
                "git@bitbucket.org.evil.com:acme/shop.git",
                "ssh://git@bitbucket.org.evil.com/acme/shop.git",
                "git@bitbucket.org-work:acme/shop.git",
                "git@evil-bitbucket.org:acme/shop.git",
                "https://bitbucket.example.com/acme/shop.git",
                "https://bitbucket.com/acme/shop",
                "git@api.bitbucket.org:acme/shop.git",
                "https://acme.bitbucket.io/shop",
                "https://evil.example/bitbucket.org/acme/shop",
                "https://bitbucket.org@evil.example/acme/shop",
                "https://evil.example#@bitbucket.org/acme/shop",
                "https://evil.example?@bitbucket.org/acme/shop",
                "https://evil.example\\@bitbucket.org/acme/shop",
                "https://bitbucket.example/scm/acme/shop.git",
                "ssh://git@bitbucket.example:7999/acme/shop.git",
                "https://api.bitbucket.org/2.0/repositories/acme/shop",
                "https://bitbucket.org/acme",
                "https://bitbucket.org/acme/.git",
                "https://bitbucket.org/acme/..",
                "https://bitbucket.org/",
                "https://bitbucket.org",
                "https://bitbucket.org/${workspace}/${slug}",
                "https://bitbucket.org/ac me/shop",
                "https://bitbucket.org/acme/caf\u00e9",
                "git@github.com:acme/shop.git",
                "git@bitbucket.org",
                "git@bitbucket.org:acme",
                "evil@host:bitbucket.org/acme/shop",
                "/srv/git/bitbucket.org/acme/shop.git",
                "file:///srv/bitbucket.org/acme/shop.git",
                "C:\\bitbucket.org\\acme\\shop",
                "scm:svn:https://bitbucket.org/acme/shop",
                "scm:git:",
                "ftp://bitbucket.org/acme/shop",
            })
    void otherUrlIsNotParsed(String address) {
        assertThat(RemoteUrl.parse(address)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scm:git:[fetch=]https://bitbucket.org/acme/shop.git[push=]git@bitbucket.org:dev/fork.git",
                "scm:git:[push=]git@bitbucket.org:acme/shop.git[fetch=]https://bitbucket.org/dev/fork.git",
                "scm:git|https://bitbucket.org/acme/shop[push=]https://bitbucket.org/dev/fork",
            })
    void bothUrlsOfMavensFormAreParsed(String address) {
        assertThat(RemoteUrl.parseAll(address))
                .containsExactly(new RepositoryId("acme", "shop"), new RepositoryId("dev", "fork"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://jane:secret@bitbucket.org/acme/shop, https://bitbucket.org/acme/shop",
        "https://jane:sec/ret@github.com/acme/shop, https://github.com/acme/shop",
        "https://jane:sec?ret#x@github.com/acme/shop, https://github.com/acme/shop",
        "https://jane:sec@ret@github.com/acme/shop, https://github.com/acme/shop",
        "https://github.com/acme/shop?access_token=secret, https://github.com/acme/shop",
        "git@github.com:acme/shop.git, github.com:acme/shop.git",
        "scm:git:https://a:secret@h/x[push=]https://b:secret@h/y, scm:git:https://h/y",
        "/srv/git/shop.git, /srv/git/shop.git",
    })
    void redactedUrlHasNoSecret(String address, String shown) {
        assertThat(RemoteUrl.redacted(address)).isEqualTo(shown).doesNotContain("secret");
    }

    @Test
    void mutatedUrlsNeverThrow() {
        Random random = new Random(20261123);
        String alphabet = "/:@.?#%[]{}$\\ \u0000\u00e9\u212a|a0-_~\n";
        String address = "scm:git:ssh://git:pw@altssh.bitbucket.org:443/acme/shop.git/child";
        int found = 0;
        for (int i = 0; i < 50_000; i++) {
            StringBuilder mutated = new StringBuilder(address);
            for (int edits = random.nextInt(6); edits >= 0; edits--) {
                int at = random.nextInt(mutated.length());
                switch (random.nextInt(3)) {
                    case 0 -> mutated.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 1 -> mutated.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    default -> mutated.delete(at, Math.min(mutated.length() - 1, at + random.nextInt(4)));
                }
            }
            found += RemoteUrl.parse(mutated.toString()).isPresent() ? 1 : 0;
            assertThat(RemoteUrl.redacted(mutated.toString())).doesNotContain("\n", "\u0000");
        }
        assertThat(found).isBetween(1_000, 40_000);
        assertThat(RemoteUrl.parse("https://" + "a@".repeat(1_000_000))).isEmpty();
        assertThat(RemoteUrl.parse("scm:git:" + "[push=]".repeat(280))).isEmpty();
    }
}
