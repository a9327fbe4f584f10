import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.triggers() == ['{"target":{"type":"pipeline_ref_target","ref_type":"tag","ref_name":"v1.0.0"}}']
    contains(log(basedir), 'Triggered pipeline #42 on tag v1.0.0 of acme/shop', 'BUILD SUCCESS')
    assert new File(basedir, 'target/bitbucket-pipelines/default-cli.json').isFile()
}
