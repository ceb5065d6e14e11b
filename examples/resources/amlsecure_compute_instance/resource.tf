resource "amlsecure_compute_instance" "notebooks" {
  name                          = "notebooks"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  subnet_resource_id            = amlsecure_network.aml.subnet_ids["training"]
  virtual_machine_size          = "Standard_DS3_v2"
  idle_time_before_shutdown     = "PT1H"

  assign_to_user {
    object_id = "11111111-1111-1111-1111-111111111111"
    tenant_id = "22222222-2222-2222-2222-222222222222"
  }
  schedule {
    action    = "Start"
    cron      = "0 8 * * 1-5"
    time_zone = "Tokyo Standard Time"
  }
  schedule {
    action    = "Stop"
    time_zone = "Tokyo Standard Time"
    recurrence {
      frequency = "Day"
      hours     = [19]
      minutes   = [0]
    }
  }
  proxy {
    http_proxy = "http://10.10.2.4:3128"
    no_proxy   = ["localhost", "127.0.0.1", "169.254.169.254", "168.63.129.16", ".azureml.ms", ".core.windows.net"]
  }
  setup_scripts {
    creation_script {
      inline  = "sudo -u azureuser -i pip install -r /home/azureuser/cloudfiles/code/requirements.txt"
      timeout = "20m"
    }
  }
}
