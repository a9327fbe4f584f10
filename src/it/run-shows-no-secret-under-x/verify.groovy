import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    assert bitbucket.shop().runs()[0].variable('PASSWORD').get() == 'a-secret-value'
    // Maven 4 prints its own command line, before there is any plugin.
    String log = log(basedir).readLines().findAll { !it.startsWith('Command line: ') }.join('\n')
    contains(log, '[DEBUG]', 'BUILD SUCCESS')
    String basic = (InvokerBitbucket.USER + ':' + InvokerBitbucket.API_TOKEN).bytes.encodeBase64().toString()
    String consumer = (InvokerBitbucket.CONSUMER_KEY + ':' + InvokerBitbucket.CONSUMER_SECRET).bytes.encodeBase64().toString()
    for (String secret : [basic, consumer, 'Authorization: B', 'a-secret-value']) {
        assert !log.contains(secret)
    }
}
