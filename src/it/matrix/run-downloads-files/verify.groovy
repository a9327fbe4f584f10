import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(2)
    List<String> consoles = consoles(basedir)
    contains(consoles[0],
            'Downloaded shop-42.zip (3 bytes) to target/bitbucket-pipelines/downloads/shop-42.zip',
            'Downloaded shop-1.0.txt (4 bytes) to target/bitbucket-pipelines/downloads/shop-1.0.txt')
    def stored = bitbucket.embedded().storageRequests().findAll { it.path().startsWith('/downloads/') }
    assert stored.size() == 2
    assert stored.every { it.header('Authorization').isEmpty() }
    contains(consoles[1],
            "File 'latest.zip' of the Downloads is not known to be of this run",
            "there is no file 'none.zip' in the Downloads after 2s")
    contains(consoles[2], "'../evil.zip' is not the name of a file")
    contains(consoles[3], '[rehearsal] Downloaded made-up.zip')
    File output = new File(basedir, 'target/bitbucket-pipelines')
    // Those of earlier builds are gone.
    assert new File(output, 'downloads').list() as List == ['made-up.zip']
    def json = new groovy.json.JsonSlurper().parse(new File(output, 'default-cli.json'))
    assert json.downloads*.file == ['downloads/made-up.zip']
}
