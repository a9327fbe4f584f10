import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.triggers() == ['{"target":{"type":"pipeline_ref_target","ref_type":"branch","ref_name":"main"}}']
    assert bitbucket.embedded().requests().every { it.header('Authorization').orElse('').startsWith('Basic ') }
    String log = log(basedir)
    contains(log,
            '[INFO] Triggered pipeline #42 on branch main of acme/shop',
            '[INFO] https://bitbucket.org/acme/shop/pipelines/results/42',
            '[INFO] Repository acme/shop from <scm> of the POM')
    assert log =~ /\[INFO] #42 Build +SUCCESSFUL/
    assert log =~ /\[INFO] #42 Deploy +SUCCESSFUL/
    def receipt = new groovy.json.JsonSlurper().parse(new File(basedir, 'target/bitbucket-pipelines/release.json'))
    assert receipt.number == 42
    assert receipt.result == 'SUCCESSFUL'
}
