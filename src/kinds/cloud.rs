//! The Azure clouds and the names that differ between them.

/// An Azure cloud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// Azure as most know it.
    #[default]
    Public,
    /// Azure Government of the United States.
    UsGovernment,
    /// Azure in China, operated by 21Vianet.
    China,
}

/// Suffixes: go-azure-sdk, `environments` of each cloud.
impl Cloud {
    /// Every cloud.
    pub const ALL: [Self; 3] = [Self::Public, Self::UsGovernment, Self::China];

    /// What follows `{account}.{service}.` in a storage host name.
    #[must_use]
    pub const fn storage_suffix(self) -> &'static str {
        match self {
            Self::Public => "core.windows.net",
            Self::UsGovernment => "core.usgovcloudapi.net",
            Self::China => "core.chinacloudapi.cn",
        }
    }

    /// What follows `{vault}.` in a key vault's host name.
    #[must_use]
    pub const fn vault_suffix(self) -> &'static str {
        match self {
            Self::Public => "vault.azure.net",
            Self::UsGovernment => "vault.usgovcloudapi.net",
            Self::China => "vault.azure.cn",
        }
    }

    /// What follows `{registry}.` in a registry's host name.
    #[must_use]
    pub const fn registry_suffix(self) -> &'static str {
        match self {
            Self::Public => "azurecr.io",
            Self::UsGovernment => "azurecr.us",
            Self::China => "azurecr.cn",
        }
    }
}
