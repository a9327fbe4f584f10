import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    def tokens = bitbucket.embedded().requests().findAll { it.path() == '/site/oauth2/access_token' }
    assert tokens.size() == 1
    assert tokens[0].body() == 'grant_type=client_credentials'
    assert bitbucket.embedded().requests().findAll { it.path().startsWith('/2.0') }.every { it.header('Authorization').get().startsWith('Bearer ') }
    contains(log(basedir), 'BUILD SUCCESS')
}
