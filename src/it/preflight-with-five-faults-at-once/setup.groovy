import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

String yml = '''pipelines:
  default:
    - step:
        script:
          - mvn -B verify
  custom:
    deploy-to-production:
      - variables:
          - name: VERSION
            description: What to deploy
          - name: ENVIRONMENT
            default: staging
            allowed-values:
              - staging
              - production
      - step:
          script:
            - ./deploy.sh
    shared:
      import: acme-pipelines:main:release
'''
InvokerBitbucket.writeSettings(basedir, localRepository, """
    <server>
      <id>read-only</id>
      <password>a-token-that-may-only-read</password>
    </server>
""", '')
InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.embedded().acceptBearer('a-token-that-may-only-read', 'pipeline', 'repository', 'repository:admin')
bitbucket.shop().file('bitbucket-pipelines.yml', yml).pipelinesEnabled(false)
return
