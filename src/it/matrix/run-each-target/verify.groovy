import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(5)
    def slurper = new groovy.json.JsonSlurper()
    def commit = [type: 'commit', hash: '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4']
    def targets = bitbucket.triggers().collect { slurper.parseText(it).target }
    assert targets[0] == [type: 'pipeline_ref_target', ref_type: 'branch', ref_name: 'main', commit: commit]
    assert targets[1] == [type: 'pipeline_ref_target', ref_type: 'tag', ref_name: 'v1.0.0', commit: commit,
            selector: [type: 'custom', pattern: 'nightly']]
    assert targets[2] == [type: 'pipeline_commit_target', commit: commit, selector: [type: 'default']]
    assert targets[3] == [type: 'pipeline_commit_target', commit: commit, selector: [type: 'custom', pattern: 'nightly']]
    assert targets[4].type == 'pipeline_pullrequest_target'
    assert targets[4].pullrequest == [id: 7]
    assert targets[4].source == 'feature/cart'
    assert targets[4].destination == 'main'
    contains(log(basedir), 'on tag v1.0.0 at 5f0c1d2e3f40 of acme/shop', 'on pull request 7 of acme/shop')
}
