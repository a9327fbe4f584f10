import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.shop().lastRun().stopRequests() == 0
    contains(log(basedir),
            'Stopped waiting for pipeline #42 on branch main of acme/shop',
            'This is not a verdict on the run, which goes on.',
            // From anywhere, without this POM: all that is not as usual is named.
            'mvn io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:',
            ':wait "-Dbitbucket.number=42" "-Dbitbucket.repository=acme/shop" "-Dbitbucket.serverId=bearer"'
                    + " \"-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}\"")
    // What is known is written all the same.
    File reports = new File(basedir, 'target/bitbucket-pipelines')
    assert new File(reports, 'release.json').text.contains('"outcome" : "TIMEOUT"')
    assert new File(reports, 'release.html').text.contains('TIMEOUT')
    assert new File(reports, 'TEST-release.xml').text.contains('<error message="Stopped waiting for pipeline #42')
}
