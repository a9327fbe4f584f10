import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    assert bitbucket.shop().runs().countBy { it.variable('CASE').get() } == ['earlier': 1, 'shared': 1]
    def console = consoles(basedir)
    contains(console[0], 'Pipeline #42 on branch main of acme/shop is SUCCESSFUL')
    contains(console[1], 'nowhere', 'BUILD FAILURE')
    contains(console[2], 'release.json', 'shared-a', 'BUILD FAILURE')
    // What the first build left does not speak for the second one.
    File reports = new File(basedir, 'target/bitbucket-pipelines')
    reports.eachFileRecurse(groovy.io.FileType.FILES) { file ->
        assert !file.text.contains('SUCCESSFUL'): file
    }
}
return
