import {
  to = amlsecure_databricks_workspace.spark
  id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-mlops/providers/Microsoft.Databricks/workspaces/dbw-mlops"
}
